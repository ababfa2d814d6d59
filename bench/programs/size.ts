// A company that grows from 63 events to 50,000 in a database that it shares with 50 small ones: what the web application asks for
// on every screen and list, how long each takes, and how much longer it takes ten times as much business later.
import { launchBrowser, visit } from '../../test/e2e/browser';
import { type BenchResult, flagValue, QUICK, quantile, round3, spreadOf } from '../measure';
import { BIG, SizedInstance, SMALL } from '../size/company';
import { type Replayed, replay, send } from '../size/replay';
import { type Asked, type LoadedScreen, loadLists, loadScreens } from '../size/screens';

export const description =
  'lists, screens and reports of a company with 63, 5,000 and 50,000 events beside 50 small ones';

/** Multiples of 63 events. Growth is from the one before the last to the last. */
const TIMES = QUICK ? [1, 20] : [1, 80, 800];
const ROUNDS = QUICK ? 1 : 3;
const REPLAYS = QUICK ? 3 : 10;
const PEOPLE = 20;
const PEOPLE_SECONDS = QUICK ? 2 : 10;
/** Between two requests of a person. */
const PAUSE_MS = 250;
/** Below these, times and pages say more about the machine and the catalogs than about the query. */
const LEAST_MS = 10;
const LEAST_BUFFERS = 500;
/** `--only PATTERN`: screens and lists whose names match, without the neighbour and without people at once. */
const ONLY = flagValue('--only');
const REPORTS = [
  'revenue_report',
  'conversion_report',
  'utilisation_report',
  'profit_report',
  'profit_by_event',
  'sales_tax_report',
  'crew_pay_report',
];

interface Size {
  screens: LoadedScreen[];
  screenRequests: Replayed[];
  lists: Replayed[];
  reports: Replayed[];
}

export async function run(): Promise<BenchResult> {
  const instance = await SizedInstance.start();
  process.env.MARQUEE_E2E_URL = instance.url;
  process.env.MARQUEE_E2E_PASSWORD = instance.password;
  const browser = await launchBrowser();
  try {
    const { page } = await visit(browser, { company: BIG });
    const { page: small } = await visit(browser, { company: SMALL });
    for (const one of [page, small]) await one.addInitScript('globalThis.__name ??= (value) => value');
    const ask = (asked: readonly Asked[]) => replay(instance.admin, asked, REPLAYS);
    const neighbourAsks = ONLY
      ? []
      : unique((await loadLists(small, SMALL, { views: 1 })).flatMap(({ asked }) => asked));
    const neighbour: Replayed[][] = [];
    const sizes: Size[] = [];
    const fillSeconds: Record<string, number> = {};
    for (const times of TIMES) {
      const began = performance.now();
      const say = (what: string) =>
        console.error(`${times}x: ${what} ${Math.round((performance.now() - began) / 1000)} s`);
      if (times > 1) fillSeconds[`${times}x`] = Math.round(await instance.grow(times));
      say('filled');
      if (!ONLY) neighbour.push(await ask(neighbourAsks));
      // What a smaller company asks for is compared with nothing.
      if (!TIMES.slice(-2).includes(times)) continue;
      const screens = await loadScreens(page, BIG, { rounds: ROUNDS, only: ONLY });
      say('screens loaded');
      const lists = unique(
        (await loadLists(page, BIG, { views: QUICK ? 1 : undefined, only: ONLY })).flatMap(
          ({ asked }) => asked,
        ),
      );
      say('lists loaded');
      const requests = unique(screens.flatMap(({ asked }) => asked));
      const [listed, asked, reported] = [
        await ask(lists),
        await ask(requests),
        ONLY ? [] : await ask(reportsLike(requests)),
      ];
      sizes.push({ screens, lists: listed, screenRequests: asked, reports: reported });
      say('requests sent again');
    }
    const [before, last] = sizes as [Size, Size];
    const memoryBefore = await instance.memoryMb();
    const people = ONLY ? [] : await workAtOnce(unique(last.screens.flatMap(({ asked }) => asked)));
    await work(1000);
    const grown = growthOf(
      [...last.lists, ...last.screenRequests],
      [...before.lists, ...before.screenRequests],
    );
    const p95 = (all: readonly Replayed[]) =>
      quantile(
        all.map(({ ms }) => ms.median),
        0.95,
      );
    const screenMs = last.screens
      .map(({ name, ms }) => ({ name, ...spreadOf(ms) }))
      .sort((a, b) => b.median - a.median);
    return {
      sizes: TIMES.map((times) => `${times}x`),
      fill_seconds: fillSeconds,
      worst_list_p95_ms: Math.max(0, ...last.lists.map(({ p95Ms }) => p95Ms)),
      worst_screen_ms: screenMs[0]?.median ?? 0,
      growth: grown[0]?.growth ?? 1,
      exceeding: grown.filter(({ exceeds }) => exceeds).map(({ name }) => name),
      buffers_growth: Math.max(0, ...grown.map(({ buffersGrowth }) => buffersGrowth)),
      neighbour_p95_ratio: round3(p95(neighbour.at(-1) ?? []) / p95(neighbour[0] ?? [])),
      report_year_p95_ms: Math.max(0, ...last.reports.map(({ p95Ms }) => p95Ms)),
      twenty_people_p95_ms: round3(quantile(people, 0.95)),
      spread: {
        worst_screen_ms: screenMs[0] ?? spreadOf([]),
        twenty_people_ms: spreadOf(people),
      },
      memory_mb: round3(memoryBefore),
      memory_growth_mb: round3((await instance.memoryMb()) - memoryBefore),
      lists: slowestFirst(last.lists),
      screens: screenMs,
      requests: slowestFirst(last.screenRequests),
      reports: slowestFirst(last.reports),
      growths: grown,
    };
  } finally {
    await browser.close();
    await instance.stop();
  }
}

const slowestFirst = (all: readonly Replayed[]) => all.toSorted((a, b) => b.ms.median - a.ms.median);

function unique(asked: readonly Asked[]): Asked[] {
  const seen = new Map<string, Asked>();
  // The same request of two screens counts once.
  for (const one of asked) {
    const what = one.name.replace(/^[^:]*: /, '');
    const key = one.name.startsWith('list ') ? one.name : what;
    if (!seen.has(key)) seen.set(key, one);
  }
  return [...seen.values()];
}

/** Each report of the year up to today, sent as the report's screen sends its own. */
function reportsLike(requests: readonly Asked[]): Asked[] {
  const model = requests.find(({ url }) => url.includes('/rpc/revenue_report'));
  if (!model) throw new Error('The screen of reports did not ask for one.');
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const period = `from_day=${day(-365)}&to_day=${day(0)}`;
  const base = model.url.replace(/revenue_report.*/, '');
  return [...REPORTS.map((name) => `${name}?${period}`), `receivables_report?as_of=${day(0)}`].map(
    (what) => ({
      ...model,
      method: 'GET',
      body: null,
      name: what.replace(/\?.*/, ' of a year'),
      url: base + what,
    }),
  );
}

/** People who each send one request after another with a pause between. @returns ms of each request */
async function workAtOnce(asked: readonly Asked[]): Promise<number[]> {
  const until = performance.now() + PEOPLE_SECONDS * 1000;
  const ms: number[] = [];
  const person = async (number: number) => {
    for (let n = number * 17; performance.now() < until; n += 1) {
      const one = asked[n % asked.length];
      if (one) ms.push((await send(one)).ms);
      await work(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: PEOPLE }, (_, number) => person(number)));
  return ms;
}

function work(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What a query may grow to: twice, or by as much as the rows that it answers with. */
const MOST_GROWTH = 2;

/**
 * How many times as long each query takes as at the size before; the worst first. The shortest of its times is taken, since what else
 * the machine does only adds to them. `growth` is at most 2 where a query keeps to its limit: it counts the part of the rows' growth
 * above twice against the time's. `buffersGrowth` says the same of the pages read, which no clock disturbs.
 */
function growthOf(now: readonly Replayed[], earlier: readonly Replayed[]) {
  const then = new Map(earlier.map((one) => [one.name, one]));
  return now
    .flatMap((one) => {
      const other = then.get(one.name);
      if (!other) return [];
      const rows = one.rows / Math.max(1, other.rows);
      const allowed = Math.max(1, rows / MOST_GROWTH);
      const growth = Math.max(LEAST_MS, one.ms.min) / Math.max(LEAST_MS, other.ms.min) / allowed;
      const buffersGrowth =
        Math.max(LEAST_BUFFERS, one.buffers) / Math.max(LEAST_BUFFERS, other.buffers) / allowed;
      return [
        {
          name: one.name,
          growth: round3(growth),
          exceeds: growth > MOST_GROWTH,
          buffersGrowth: round3(buffersGrowth),
          ms: [other.ms.min, one.ms.min],
          buffers: [other.buffers, one.buffers],
          rows: [other.rows, one.rows],
        },
      ];
    })
    .sort((a, b) => b.growth - a.growth || b.buffersGrowth - a.buffersGrowth);
}
