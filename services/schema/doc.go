// Package schema embeds the names and shapes of the Taegis GraphQL API: one SDL file a service,
// and JSON files with facts that SDL cannot express.
//
// They are derived from the requests and results of the public Python SDK (taegis-sdk-python). They
// have no descriptions and are not the server's own schema, so some facts are certain and some are
// conventions:
//
//   - Names are wire names. If the API has an old and a new spelling, both are present.
//   - The non-null marks of operation arguments are certain. List elements of inputs are non-null,
//     the strictest form, which is valid in any position. Input fields and all results are
//     nullable.
//   - String stands for String, ID, times and every other scalar with the form of a string. Int
//     may have more than 32 bits. JSON stands for free-form values; the server may not have a
//     scalar of that name. ID does not occur, because a name does not determine it. [Uncertain]
//     lists the positions with an uncertain type: a variable there requires the type from
//     introspection, a literal does not.
//   - Interfaces, and arguments of fields below the root, are absent.
//   - A deprecation has a reason only if the replacement is a single name. Its spelling may differ
//     from the schema's.
//   - A type that several services share is often complete in only one of them. Derive default
//     selections from the service's own SDL: [Merged] has larger types, and a cycle that no single
//     service has.
package schema
