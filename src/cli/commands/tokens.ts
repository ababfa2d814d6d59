import { Command, InvalidArgumentError } from 'commander';
import type { TokenKeyRow } from '@/lib/operations';
import { withInstance } from '../instance';
import { printJson, printRows } from '../output';

interface Json {
  json?: boolean;
}

export const tokensCommand = new Command('tokens');

tokensCommand
  .command('status')
  .description('Show the keys, and until when each verifies')
  .option('--json', 'print JSON')
  .action(async ({ json }: Json) =>
    withInstance(async ({ operations }) => {
      const rows = await operations.tokenKeys.list();
      printRows(rows.map(shown), json, 'There are no keys yet: the first is made when a token is signed.');
    }),
  );

tokensCommand
  .command('rotate')
  .description('Make the next key; tokens of the current one stay valid until they expire')
  .option(
    '--lead-seconds <seconds>',
    'publish the key for so long before it signs, for programs that verify tokens and keep /auth/v1/.well-known/jwks.json',
    secondsOf,
    600,
  )
  .option('--json', 'print JSON')
  .action(async ({ json, leadSeconds }: Json & { leadSeconds: number }) =>
    withInstance(async ({ operations }) => {
      const made = await operations.tokenKeys.rotate(leadSeconds);
      if (json) return printJson(shown(made));
      console.log(`Key ${made.id} signs from ${made.signsFrom.toISOString()}. Sessions go on.`);
    }),
  );

tokensCommand
  .command('revoke <id>')
  .description('Refuse all tokens of a key, in every process within ten seconds; their sessions end')
  .option('--json', 'print JSON')
  .action(async (id: string, { json }: Json) =>
    withInstance(async ({ operations }) => {
      const revoked = await operations.tokenKeys.revoke(id);
      if (json) return printJson(shown(revoked));
      console.log(`Tokens of ${id} are refused from now on.`);
    }),
  );

function shown({ id, state, createdAt, signsFrom, lastExpiry }: TokenKeyRow) {
  return { id, state, created: createdAt, signsFrom, verifiesUntil: lastExpiry };
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('Give a whole number of seconds, a day at most.');
}
