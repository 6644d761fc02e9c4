// Package schema embeds the names and shapes of the Taegis GraphQL API: one SDL file a service,
// and two JSON files that say what SDL cannot.
//
// They are derived from what the public Python SDK (taegis-sdk-python) sends and reads. They
// hold no descriptions and are not the server's own schema, so some of what they say is known
// and some is a convention:
//
//   - Names are wire names. Where the API has an old and a new spelling, both are present.
//   - The non-null marks of operation arguments are known. List elements of inputs are written
//     non-null, the strictest form, which fits any position; input fields and all results are
//     written nullable.
//   - String stands for String, ID, times and every other scalar that looks like a string; Int
//     may be wider than 32 bits; JSON is a stand-in for free-form values and no scalar that a
//     server has to know. ID is never written, because a name does not settle it. [Uncertain]
//     lists the positions where the server's own type matters and is not known: a variable
//     there needs the type from introspection, a literal needs none.
//   - Interfaces, and arguments of fields below the root, are absent.
//   - A deprecation has a reason only where the replacement is one plain name, and that name may
//     be spelled otherwise than in the schema.
//   - A type that several services share is often a stub in all but one of them. Take default
//     selections from the service's own SDL: [Merged] has larger closures, and one cycle that no
//     single service has.
package schema
