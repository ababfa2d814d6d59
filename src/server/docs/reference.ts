import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Environment } from '../context';
import { isOtherRoute } from './other-routes';
import { page } from './page';

/** What the page reads of an OpenAPI document. */
interface Operation {
  tags?: string[];
  summary?: string;
  description?: string;
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: Schema }> }>;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  description?: string;
}

export interface ApiDocument {
  info: { title: string; description?: string };
  paths?: Record<string, Record<string, unknown>>;
  components?: { schemas?: Record<string, unknown> };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** `/docs`: the API, readable without a program. */
export function docsPage(document: () => ApiDocument): Hono<Environment> {
  const routes = new Hono<Environment>();
  routes.get('/', (context) => context.html(write(document(), context.env.prefix)));
  return routes;
}

function write(document: ApiDocument, prefix: string) {
  const byTag = new Map<string, { method: string; path: string; operation: Operation }[]>();
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS.filter((one) => one in item)) {
      const operation = item[method] as Operation;
      const tag = operation.tags?.[0] ?? 'Other';
      byTag.set(tag, [...(byTag.get(tag) ?? []), { method, path, operation }]);
    }
  }
  const schemas = Object.entries(document.components?.schemas ?? {}) as [string, Schema][];
  return page(
    `${document.info.title} API`,
    html`<h1>${document.info.title} API</h1>
<p>${document.info.description ?? ''}</p>
<p><a href="${prefix}/docs/connect">Connect a client</a>: address, keys, snippets.</p>
<p>Send an access token as <code>Authorization: Bearer …</code>. For programs:
<a href="${prefix}/api/openapi.json"><code>/api/openapi.json</code></a> (OpenAPI 3.1).</p>
<nav aria-label="Contents"><p>${[...byTag.keys()].map((tag) => html`<a href="#${anchor(tag)}">${tag}</a> · `)}<a href="#schemas">Schemas</a></p></nav>
${[...byTag].map(
  ([tag, operations]) =>
    html`<section><h2 id="${anchor(tag)}">${tag}</h2>${operations.map(writeOperation)}</section>`,
)}
<section><h2 id="schemas">Schemas</h2>${schemas.map(
      ([name, schema]) => html`<h3 id="schema-${name}">${name}</h3>${writeProperties(schema)}`,
    )}</section>`,
  );
}

function writeOperation({ method, path, operation }: { method: string; path: string; operation: Operation }) {
  const { parameters = [], requestBody, responses = {} } = operation;
  const bodies = Object.entries(requestBody?.content ?? {});
  return html`<article><h3><code>${method.toUpperCase()} ${isOtherRoute(path) ? '' : '/api'}${path}</code></h3>
<p>${operation.summary ?? ''} ${operation.description ?? ''}${operation.security?.length === 0 ? ' Needs no sign-in.' : ''}</p>
${
  parameters.length === 0
    ? ''
    : html`<table><tbody>${parameters.map(
        (one) =>
          html`<tr><td><code>${one.name}</code></td><td>${one.in}${one.required ? ', required' : ''}</td><td>${typeOf(one.schema)} ${one.description ?? ''}</td></tr>`,
      )}</tbody></table>`
}
${bodies.map(([type, { schema }]) => html`<p>Body (${type}): ${typeOf(schema)}</p>${schema?.$ref ? '' : writeProperties(schema)}`)}
${Object.entries(responses)
  .filter(([status]) => status !== 'default')
  .map(([status, { description, content }]) => {
    const [shape] = Object.values(content ?? {});
    return html`<p>${status}: ${description ?? ''} ${shape ? typeOf(shape.schema) : ''}</p>`;
  })}</article>`;
}

function writeProperties(schema: Schema | undefined) {
  const properties = Object.entries(schema?.properties ?? {});
  if (properties.length === 0) return '';
  const required = new Set(schema?.required ?? []);
  return html`<table><tbody>${properties.map(
    ([name, one]) =>
      html`<tr><td><code>${name}</code></td><td>${required.has(name) ? 'required' : ''}</td><td>${typeOf(one)} ${one.description ?? ''}</td></tr>`,
  )}</tbody></table>`;
}

type Written = ReturnType<typeof html> | string;

function typeOf(schema: Schema | undefined): Written {
  if (!schema) return '';
  const name = schema.$ref?.split('/').pop();
  if (name) return html`<a href="#schema-${name}">${name}</a>`;
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return html`${choices.map((one, index) => html`${index > 0 ? ' or ' : ''}${typeOf(one)}`)}`;
  if (schema.type === 'array') return html`list of ${typeOf(schema.items)}`;
  const type = [schema.type ?? 'any'].flat().join(' or ');
  return schema.format ? `${type} (${schema.format})` : type;
}

function anchor(tag: string): string {
  return tag.toLowerCase().replace(/[^a-z]+/g, '-');
}
