// Validates documents with the reference implementation of GraphQL: one JSON text a line comes in,
// {"query", "variables"}, and one goes out, {"errors"}. The SDL is the first argument.
const { buildSchema, parse, validate, graphqlSync } = require('graphql');

const schema = buildSchema(process.argv[2]);
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { query, variables } = JSON.parse(line);
  let errors = validate(schema, parse(query));
  if (errors.length === 0) {
    errors = graphqlSync({ schema, source: query, variableValues: variables }).errors ?? [];
  }
  console.log(JSON.stringify({ errors }));
});
