// The media types PostgREST knows, how they are read from Accept and Content-Type and how they are written back.
import { LRUCache } from 'lru-cache';

export interface PlanRequest {
  format: 'json' | 'text';
  /** What the explained request would have answered with. */
  for: MediaType;
  options: readonly PlanOption[];
}

export type PlanOption = 'analyze' | 'verbose' | 'settings' | 'buffers' | 'wal';

export interface MediaType {
  /** Without parameters: `application/json`, `text/csv`, `application/vnd.pgrst.object+json`, `app/groucho`. */
  name: string;
  /** `nulls=stripped`; only with `vnd.pgrst.object+json` and `vnd.pgrst.array+json`. */
  nullsStripped?: true;
  /** Only with `application/vnd.pgrst.plan+json|text`. */
  plan?: PlanRequest;
}

export const JSON_TYPE: MediaType = { name: 'application/json' };
export const CSV_TYPE: MediaType = { name: 'text/csv' };
export const GEOJSON_TYPE: MediaType = { name: 'application/geo+json' };
export const OPENAPI_TYPE: MediaType = { name: 'application/openapi+json' };
export const ANY_TYPE: MediaType = { name: '*/*' };
export const OBJECT = 'application/vnd.pgrst.object+json';
export const ARRAY = 'application/vnd.pgrst.array+json';

const PLAN_OPTIONS: readonly PlanOption[] = ['analyze', 'verbose', 'settings', 'buffers', 'wal'];

/** Types whose body is text in UTF-8 for certain, so that Content-Type says so. */
const WITH_CHARSET = new Set([
  'application/json',
  'application/geo+json',
  'text/csv',
  'text/plain',
  'text/xml',
  'application/openapi+json',
  'application/x-www-form-urlencoded',
  '*/*',
  OBJECT,
  ARRAY,
  'application/vnd.pgrst.plan+json',
  'application/vnd.pgrst.plan+text',
]);

/** Reads one media type with its parameters. Unknown parameters are ignored, as are unknown plan options. */
export function parseMediaType(text: string): MediaType {
  const [given = '', ...rest] = text.split(';');
  const name = given.trim().toLowerCase();
  const parameters = rest.map((parameter) => parameter.trim());
  switch (name) {
    case '':
      return ANY_TYPE;
    case 'application/vnd.pgrst.object':
    case OBJECT:
      return strips(parameters) ? { name: OBJECT, nullsStripped: true } : { name: OBJECT };
    case 'application/vnd.pgrst.array':
    case ARRAY:
      return strips(parameters) ? { name: ARRAY, nullsStripped: true } : JSON_TYPE;
    case 'application/vnd.pgrst.plan':
    case 'application/vnd.pgrst.plan+text':
      return planType('text', parameters);
    case 'application/vnd.pgrst.plan+json':
      return planType('json', parameters);
    default:
      return { name };
  }
}

function strips(parameters: readonly string[]): boolean {
  return parameters.length === 1 && parameters[0] === 'nulls=stripped';
}

function planType(format: 'json' | 'text', parameters: readonly string[]): MediaType {
  const asked = parameterOf(parameters, 'options=')?.split('|') ?? [];
  const forType = parameterOf(parameters, 'for=')?.replace(/^"+|"+$/g, '');
  return {
    name: `application/vnd.pgrst.plan+${format}`,
    plan: {
      format,
      for: forType === undefined ? JSON_TYPE : parseMediaType(forType),
      options: PLAN_OPTIONS.filter((option) => asked.includes(option)),
    },
  };
}

function parameterOf(parameters: readonly string[], prefix: string): string | undefined {
  return parameters.find((parameter) => parameter.startsWith(prefix))?.slice(prefix.length);
}

/** The media type with the parameters that belong to it, as it stands in error messages. */
export function formatMediaType(type: MediaType): string {
  if (type.nullsStripped) return `${type.name};nulls=stripped`;
  if (!type.plan) return type.name;
  const { for: forType, options } = type.plan;
  const optionsText = options.length > 0 ? `; options=${options.join('|')}` : '';
  return `${type.name}; for="${formatMediaType(forType)}"${optionsText}`;
}

/** The value of the Content-Type header. */
export function contentTypeOf(type: MediaType): string {
  const text = formatMediaType(type);
  return WITH_CHARSET.has(type.name) ? `${text}; charset=utf-8` : text;
}

const accepted = new LRUCache<string, readonly MediaType[]>({ max: 200 });

/**
 * Reads an Accept header: best quality first, then more parameters and fewer wildcards, then the order given.
 * Without the header anything is accepted.
 */
export function parseAccept(header: string | undefined): readonly MediaType[] {
  if (header === undefined) return [ANY_TYPE];
  const known = accepted.get(header);
  if (known) return known;
  const types = header
    .split(',')
    .map(readRange)
    .sort((a, b) => b.quality - a.quality || b.specificity - a.specificity)
    .map((range) => parseMediaType(range.text));
  accepted.set(header, types);
  return types;
}

function readRange(given: string): { text: string; quality: number; specificity: number } {
  const compact = given.replaceAll(' ', '');
  const at = compact.indexOf(';q=');
  const text = at < 0 ? compact : compact.slice(0, at);
  const quality = at < 0 ? 1 : Number.parseFloat(compact.slice(at + 3));
  const specificity = text.split(';').length - text.split('*').length;
  return { text, quality: Number.isNaN(quality) ? 1 : quality, specificity };
}

/** What error PGRST107 says. */
export function unavailableMessage(accepts: readonly MediaType[]): string {
  return `None of these media types are available: ${accepts.map(formatMediaType).join(', ')}`;
}
