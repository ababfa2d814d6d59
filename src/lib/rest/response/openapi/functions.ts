// Paths of functions.
import type { CatalogFunction } from './catalog';
import { type Json, queryParameter, summaryAndDescription, typed, withoutEmpty } from './swagger-type';

const PRODUCES = [
  'application/json',
  'application/vnd.pgrst.object+json;nulls=stripped',
  'application/vnd.pgrst.object+json',
];

export function functionPath(routine: CatalogFunction): Json {
  const operation = {
    tags: [`(rpc) ${routine.name}`],
    ...summaryAndDescription(routine.description),
    produces: PRODUCES,
    responses: { 200: { description: 'OK' } },
  };
  const post = {
    ...operation,
    parameters: [
      { required: true, schema: argumentsSchema(routine), in: 'body', name: 'args' },
      { $ref: '#/parameters/preferParams' },
    ],
  };
  if (routine.volatile) return { post };
  const parameters = routine.parameters.map(({ name, type, required, variadic }) => ({
    ...queryParameter(type, variadic),
    name,
    required,
    in: 'query',
  }));
  return { get: { ...operation, ...(parameters.length > 0 && { parameters }) }, post };
}

function argumentsSchema(routine: CatalogFunction): Json {
  const required = routine.parameters.filter((parameter) => parameter.required).map(({ name }) => name);
  const properties = routine.parameters.map(({ name, type }) => [name, typed(type)]);
  return withoutEmpty({
    description: routine.description,
    required: required.length > 0 ? required : undefined,
    properties: properties.length > 0 ? Object.fromEntries(properties) : undefined,
    type: 'object',
  });
}
