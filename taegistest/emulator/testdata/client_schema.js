// Builds a client schema from the introspection of a gateway and prints it as SDL.
const graphql = require('graphql');

async function main(url, inputValueDeprecation) {
  const query = graphql.getIntrospectionQuery({
    schemaDescription: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    inputValueDeprecation: inputValueDeprecation === 'yes',
  });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${process.env.ACCESS_TOKEN}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  const schema = graphql.buildClientSchema(data);
  const faults = graphql.validateSchema(schema);
  if (faults.length > 0) throw faults[0];
  process.stdout.write(graphql.printSchema(schema));
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
