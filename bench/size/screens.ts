// What the web application asks for on each of its screens, and how long they take to load, seen in a real browser.
import type { Page, Request } from 'playwright-core';
import * as clients from '@/web/crm/entities/clients';
import * as events from '@/web/crm/entities/events';
import * as inventory from '@/web/crm/entities/inventory';
import * as money from '@/web/crm/entities/money';
import * as work from '@/web/crm/entities/work';
import type { Entity } from '@/web/crm/records/entity';
import { addressOf, open } from '../../test/e2e/browser';
import { SCREENS, type Screen } from '../../test/e2e/every-screen';

/** A request for data as the web application sent it. */
export interface Asked {
  /** Screen and request, the same at every size: ids, dates and offsets are left out. */
  name: string;
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | null;
}

export interface LoadedScreen {
  name: string;
  /** From the navigation to the end of the last answer with data, ms; one value for each round. */
  ms: number[];
  asked: Asked[];
}

/** Screens whose data do not grow with the company. */
const CONSTANT = /^(settings|import|templates|inventory-|crew-mine)/;

interface Choice {
  /** A pattern of names; all unless given. */
  only?: string | undefined;
}

const matches = (name: string, { only }: Choice) => !only || new RegExp(only).test(name);

/** Each screen with records, opened a few times. */
export async function loadScreens(
  page: Page,
  company: string,
  { rounds, ...choice }: Choice & { rounds: number },
): Promise<LoadedScreen[]> {
  const loaded: LoadedScreen[] = [];
  for (const screen of SCREENS.filter(({ name }) => !CONSTANT.test(name) && matches(name, choice))) {
    const address = await addressWithId(page, company, screen);
    if (address) loaded.push(await load(page, company, { ...screen, address }, rounds));
  }
  return loaded;
}

/** The first page and the last of every list. @param choice `views`: how many of each list's, all unless given */
export async function loadLists(
  page: Page,
  company: string,
  { views, ...choice }: Choice & { views?: number | undefined },
): Promise<LoadedScreen[]> {
  const loaded: LoadedScreen[] = [];
  for (const { name, address } of lists(views).filter(({ name }) => matches(name, choice))) {
    const first = await load(page, company, { name, address }, 1);
    const pages = (asked: Asked[]) => asked.filter(({ url }) => /[?&]limit=100\b/.test(url));
    loaded.push({ ...first, asked: pages(first.asked) });
    const deep = await record(page, `${name} (last page)`, () => scrollToEnd(page));
    if (deep.length > 0) loaded.push({ name: `${name} (last page)`, ms: [], asked: pages(deep).slice(-1) });
  }
  return loaded;
}

/** Every list and view that has an address. */
function lists(most?: number): { name: string; address: string }[] {
  const entities = [clients, events, inventory, money, work].flatMap(
    (file) => Object.values(file) as unknown as Entity[],
  );
  const screens = new Set(SCREENS.map(({ address }) => address));
  return entities
    .filter(({ path }) => screens.has(path))
    .filter(
      ({ path, table }, index, all) =>
        all.findIndex((one) => one.path === path) === index && path.endsWith(lastWord(table)),
    )
    .flatMap(({ path, views = [{ key: '' }] }) =>
      views.slice(0, most).map(({ key }) => ({
        name: `list ${path}${key && ` ${key}`}`,
        address: key ? `${path}?view=${key}` : path,
      })),
    );
}

function lastWord(table: string): string {
  return table === 'equipment_items' ? 'equipment' : table;
}

async function load(page: Page, company: string, screen: Screen, rounds: number): Promise<LoadedScreen> {
  const ms: number[] = [];
  let asked: Asked[] = [];
  for (let round = 0; round < rounds; round += 1) {
    asked = await record(page, screen.name, async () => {
      await open(page, company, screen.address);
      await screen.show?.(page);
    });
    ms.push(await page.evaluate(dataLoadedMs));
  }
  return { name: screen.name, ms, asked };
}

/** In the page: when the last answer with data had come, ms after the navigation. */
function dataLoadedMs(): number {
  const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
  return Math.max(
    0,
    ...entries.filter(({ name }) => /\/(rest\/v1|api)\//.test(name)).map(({ responseEnd }) => responseEnd),
  );
}

async function record(page: Page, screen: string, work: () => Promise<void>): Promise<Asked[]> {
  const requests: Request[] = [];
  const note = (request: Request) => {
    if (request.url().includes('/rest/v1/')) requests.push(request);
  };
  page.on('request', note);
  try {
    await work();
  } finally {
    page.off('request', note);
  }
  return Promise.all(
    requests
      .filter((request) => request.method() !== 'PATCH' && request.method() !== 'DELETE')
      .map(async (request) => ({
        name: `${screen}: ${shapeOf(request)}`,
        url: request.url(),
        method: request.method(),
        headers: await request.allHeaders(),
        body: request.postData(),
      })),
  );
}

/** A request without what differs from size to size. */
function shapeOf(request: Request): string {
  const url = new URL(request.url());
  const what = url.pathname.replace(/^.*\/rest\/v1\//, '');
  const parameters = [...url.searchParams]
    .map(([name, value]) => (name === 'select' ? `select=${value.slice(0, 40)}` : `${name}=${value}`))
    .join('&');
  return `${what} ${parameters}`
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
    .replace(/(ID,?"?"?)+/g, 'ID')
    .replace(/\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?/g, 'DAY')
    .replace(/offset=\d+/, 'offset=N')
    .slice(0, 200);
}

async function addressWithId(page: Page, company: string, screen: Screen): Promise<string | undefined> {
  if (!screen.recordOf) return screen.address;
  const url = addressOf(
    company,
    `/rest/v1/${screen.recordOf}${screen.recordOf.includes('?') ? '&' : '?'}select=id&limit=1`,
  );
  // The server ends connections that were idle; one that is ending may still be chosen.
  const answer = await page.context().request.get(url, { maxRetries: 3 });
  const rows = (await answer.json()) as { id: string }[];
  return rows[0] && screen.address.replace('ID', rows[0].id);
}

async function scrollToEnd(page: Page): Promise<void> {
  const list = page.getByRole('region', { name: /^List of/ }).first();
  if ((await list.count()) === 0) return;
  await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.waitForTimeout(400);
  await page.waitForLoadState('networkidle');
}
