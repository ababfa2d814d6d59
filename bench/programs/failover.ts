// Failovers of a real Patroni cluster of three under load: what is lost or doubled, and how long Marquee itself takes.
import { type Account, FAULTS, FailoverStage, type Fault } from '../../test/support/failover-stage';
import { NO_PATRONI } from '../../test/support/patroni-cluster';
import { QUICK, quantile, round3 } from '../measure';

export const description =
  'Failovers of a Patroni cluster under load: --rounds N (20) of each fault; --fault kill|stop|partition|switchover|hiccup for one of them';

function given(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

export async function run(): Promise<Record<string, unknown>> {
  if (NO_PATRONI) throw new Error(NO_PATRONI);
  const rounds = Number(given('rounds') ?? (QUICK ? 1 : 20));
  const chosen = given('fault');
  const faults = [...FAULTS, 'hiccup' as const].filter((fault) => !chosen || fault === chosen);
  const stage = await FailoverStage.open();
  try {
    await stage.start();
    for (const fault of faults) await repeat(stage, fault, rounds);
    return { faults, ...figures(await stage.count()) };
  } finally {
    await stage.close();
  }
}

async function repeat(stage: FailoverStage, fault: Fault | 'hiccup', rounds: number): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    if (fault === 'hiccup') await stage.hiccup();
    else await stage.round(fault);
    const [own, pause] = [stage.account.own.at(-1), stage.account.pauses.at(-1)];
    console.error(
      `${fault} ${round} of ${rounds}: own ${Math.round(own ?? 0)} ms, without a primary ${Math.round(pause ?? 0)} ms`,
    );
  }
}

function figures(account: Account): Record<string, unknown> {
  const { own, pauses } = account;
  return {
    rounds: account.rounds,
    lost: account.lost,
    doubled: account.doubled,
    misreported: account.misreported,
    own_p50_ms: round3(quantile(own, 0.5)),
    own_p99_ms: round3(quantile(own, 0.99)),
    pause_p50_ms: round3(quantile(pauses, 0.5)),
    pause_p99_ms: round3(quantile(pauses, 0.99)),
    false_failovers: account.falseFailovers,
    reads: account.reads,
    reads_refused: Object.values(account.readsRefused).reduce((sum, n) => sum + n, 0),
    reads_refused_codes: account.readsRefused,
    writes: account.acknowledged,
    outcome_unknown: account.unknown,
    answer_lost: account.answerLost,
    refused: account.refused,
  };
}
