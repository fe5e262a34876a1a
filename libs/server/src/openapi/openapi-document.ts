import { Problem } from '@weir/contracts';
import { z } from 'zod';
import { operations, schemas } from './operations.js';

type Json = Readonly<Record<string, unknown>>;

function components(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries<z.ZodType>({ ...schemas, Problem })) registry.add(schema, { id });
  const { schemas: made } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'input', unrepresentable: 'any', target: 'draft-2020-12' });
  return Object.fromEntries(Object.entries(made).map(([id, schema]) => {
    const { $id: _id, $schema: _schema, ...rest } = schema;
    return [id, rest];
  }));
}

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

function parametersOf(operation: (typeof operations)[number]): readonly Json[] {
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const properties = operation.query === undefined ? {} : (z.toJSONSchema(operation.query, { io: 'input', unrepresentable: 'any' }).properties ?? {});
  const inQuery = Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
  const match = operation.ifMatch === true ? [{ name: 'If-Match', in: 'header', required: true, description: 'the version seen', schema: { type: 'string' } }] : [];
  return [...inPath, ...inQuery, ...match];
}

function describe(operation: (typeof operations)[number]): Json {
  const { body, answer, stream, isPublic } = operation;
  const status = operation.status ?? (answer === undefined ? 204 : 200);
  const content = (name: string): Json => ({ 'application/json': { schema: ref(name) }, ...(stream === undefined ? {} : { [stream]: { schema: { type: 'string', description: 'one JSON object a line' } } }) });
  return {
    summary: operation.summary,
    operationId: `${operation.method}${operation.path.replace(/[^a-zA-Z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    ...(isPublic === true ? { security: [] } : {}),
    parameters: parametersOf(operation),
    ...(body === undefined ? {} : { requestBody: { required: true, content: content(body) } }),
    responses: {
      [status]: { description: answer === undefined ? (status === 204 ? 'done' : 'the text') : 'the answer', ...(answer === undefined ? {} : { content: content(answer) }) },
      default: { description: 'a problem (RFC 9457)', content: { 'application/problem+json': { schema: ref('Problem') } } },
    },
  };
}

let made: { readonly version: string; readonly document: Json } | undefined;

/** The OpenAPI 3.1 document of this API, made from the contracts once. */
export function openApiDocument(version: string): Json {
  if (made?.version === version) return made.document;
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = describe(operation);
  const document = {
    openapi: '3.1.0',
    info: { title: 'Weir', version, description: 'Events in, explained alerts out, cases and their desk. Live changes: websocket /v1/feed.' },
    security: [{ session: [] }, { key: [] }],
    paths,
    components: {
      schemas: components(),
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'weir_session' }, key: { type: 'http', scheme: 'bearer', description: 'weir_live_...' } },
    },
  };
  made = { version, document };
  return document;
}
