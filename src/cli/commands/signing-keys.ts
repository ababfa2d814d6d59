import { Argument, Command } from 'commander';
import { SIGNING_PURPOSES, type SigningPurpose } from '@/lib/operations';
import { withInstance } from '../instance';
import { printJson, printRows } from '../output';

interface Json {
  json?: boolean;
}

export const signingKeysCommand = new Command('signing-keys');

signingKeysCommand
  .command('status')
  .description('Show the keys: the latest of a purpose signs, all verify')
  .option('--json', 'print JSON')
  .action(async ({ json }: Json) =>
    withInstance(async ({ operations }) => {
      const rows = await operations.signingKeys.list();
      printRows(
        rows.map(({ id, purpose, state, createdAt }) => ({ id, purpose, state, created: createdAt })),
        json,
        'There are no keys yet: the first is made when something is signed.',
      );
    }),
  );

signingKeysCommand
  .command('rotate')
  .addArgument(new Argument('<purpose>', 'what the key signs').choices(SIGNING_PURPOSES))
  .description('Make the next key: it signs from now on, and what former keys have signed stays valid')
  .option('--json', 'print JSON')
  .action(async (purpose: SigningPurpose, { json }: Json) =>
    withInstance(async ({ operations }) => {
      const id = await operations.signingKeys.rotate(purpose);
      if (json) return printJson({ id, purpose });
      console.log(`Key ${id} signs ${purpose} from now on.`);
      if (purpose === 'checkpoints') console.log('Keep its public part outside: marquee audit key');
    }),
  );
