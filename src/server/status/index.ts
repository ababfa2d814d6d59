import { createRoute, z } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { limitByAddress } from '../api/rate-limit';
import { createRouter, json, PUBLIC } from '../api/router';
import { chooseLanguage } from '../booking/words';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { page } from '../docs/page';
import { readStatus, type Status } from './status';
import { type Language, WORDS } from './words';

/** Requests a minute from one address. */
const REQUESTS = 120;
const HEALTH = z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']);

const Answer = z
  .object({
    company: z.string().nullable().openapi({ description: 'Null where the address names no company.' }),
    service: z.enum(['working', 'interrupted']),
    database: z.object({
      state: HEALTH,
      incidents: z
        .array(
          z.object({
            state: z.enum(['degraded', 'unhealthy']),
            from: z.date(),
            to: z.date().nullable().openapi({ description: 'Null where it lasts.' }),
          }),
        )
        .openapi({ description: 'Of the last seven days, the latest first; of the company only.' }),
    }),
  })
  .openapi('Status');

/** `/api/service-status`. */
export function statusRoutes(parts: ServerDependencies) {
  const routes = createRouter();
  routes.use(limitByAddress(REQUESTS));
  const read = createRoute({
    method: 'get',
    path: '/',
    tags: ['Service'],
    summary: 'Whether the service works: for the company in the address, else for all together.',
    ...PUBLIC,
    responses: { 200: json(Answer, 'As users notice it; no names, no causes.') },
  });
  routes.openapi(read, async (context) => context.json(await readStatus(context, parts), 200));
  return routes;
}

/** `/status`, also below a company's address: a page without scripts that loads itself again each minute. */
export function statusPage(parts: ServerDependencies): Hono<Environment> {
  const pages = new Hono<Environment>();
  pages.get('/', limitByAddress(REQUESTS), async (context) => {
    const accepted = context.req.header('accept-language') ?? '';
    const language = chooseLanguage(context.req.query('lang'), accepted, 'en');
    context.header('refresh', '60');
    context.header('cache-control', 'no-store');
    return context.html(statusHtml(await readStatus(context, parts), language));
  });
  return pages;
}

function statusHtml({ company, service, database }: Status, language: Language) {
  const words = WORDS[language];
  const title = company ? words.of(company) : words.title;
  const about = (company ? words.database : words.all)[database.state];
  const time = (date: Date) => html`<time datetime="${date.toISOString()}">${format(date, language)}</time>`;
  const incidents = database.incidents.map(
    ({ state, from, to }) =>
      html`<li>${words.incident[state]}: ${to ? html`${time(from)} – ${time(to)}` : html`${words.since} ${time(from)}`}</li>`,
  );
  return page(
    title,
    html`<h1>${title}</h1>
<p role="status"><strong>${words.service[service]}</strong> ${service === 'working' ? about : ''}</p>
${company ? html`<h2>${words.incidents}</h2>${incidents.length > 0 ? html`<ul>${incidents}</ul>` : html`<p>${words.none}</p>`}` : ''}
<p>${words.checked} ${time(new Date())}</p>`,
    language,
  );
}

function format(date: Date, language: Language): string {
  const options = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const;
  return `${new Intl.DateTimeFormat(language, options).format(date)} UTC`;
}
