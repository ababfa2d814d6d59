// Bills of providers: entered, listed, corrected. Each entry is recorded in the audit log.

import { Command } from 'commander';
import { decimalAmount } from '@/lib/money';
import {
  addBill,
  type Bill,
  correctBill,
  listBills,
  readAmount,
  readCurrency,
  readMonth,
  SERVICES,
  targetOf,
  UsageError,
} from '@/lib/usage';
import { cliActor, type Instance, withInstance } from '../instance';
import { printRecord, printRows } from '../output';

export const billCommand = new Command('bill').description('Enter, list and correct bills of providers');

billCommand
  .command('add')
  .description('Enter what a provider charges for a data source, or for a service, in a month')
  .option('--source <source>', 'the data source that it is for')
  .option('--service <service>', `or: ${Object.keys(SERVICES).join(', ')}`)
  .requiredOption('--month <month>', 'such as 2026-11')
  .requiredOption('--amount <decimal>', 'such as 123.45; negative for a credit')
  .requiredOption('--currency <currency>', 'such as USD')
  .option('--note <text>', 'such as the invoice’s number')
  .option('--json', 'print JSON')
  .action(
    async (options: {
      source?: string;
      service?: string;
      month: string;
      amount: string;
      currency: string;
      note?: string;
      json?: boolean;
    }) =>
      withInstance(async (instance) => {
        const { source, service, json, note } = options;
        const named = service ?? source;
        if (named === undefined || (service !== undefined && !(service in SERVICES)) || (service && source)) {
          throw new UsageError('bill_invalid', 'Name either a data source or a service.', {
            hint: `Services are ${Object.keys(SERVICES).join(', ')}.`,
          });
        }
        const currency = readCurrency(options.currency);
        const amount = readAmount(options.amount, currency);
        const [target, month] = [await targetOf(instance, named), readMonth(options.month)];
        const bill = await addBill(instance.operations.pool, {
          target,
          month,
          amount,
          currency,
          note,
          by: cliActor(),
        });
        await record(instance, bill);
        printRecord(rowOf(bill, named), json);
      }),
  );

billCommand
  .command('list', { isDefault: true })
  .description('List bills and corrections, the oldest first')
  .option('--month <month>', 'only this month’s')
  .option('--json', 'print JSON')
  .action(async ({ month, json }: { month?: string; json?: boolean }) =>
    withInstance(async (instance) => {
      const names = await instance.operations.dataSources.names();
      const bills = await listBills(
        instance.operations.pool,
        month === undefined ? undefined : readMonth(month),
      );
      const rows = bills.map((bill) => rowOf(bill, names.get(bill.target) ?? bill.target));
      printRows(rows, json, 'There are no bills. Add one: marquee cost bill add --help');
    }),
  );

billCommand
  .command('correct <bill>')
  .description('Correct the amount of a bill, by an entry of the difference')
  .requiredOption('--amount <decimal>', 'what it should have been')
  .option('--note <text>', 'why')
  .option('--json', 'print JSON')
  .action(async (id: string, { amount, note, json }: { amount: string; note?: string; json?: boolean }) =>
    withInstance(async (instance) => {
      const { pool } = instance.operations;
      const correction = await correctBill(pool, id, {
        ...{ note, by: cliActor() },
        amount: ({ currency }) => readAmount(amount, currency),
      });
      await record(instance, correction);
      const names = await instance.operations.dataSources.names();
      printRecord(rowOf(correction, names.get(correction.target) ?? correction.target), json);
    }),
  );

async function record({ application }: Pick<Instance, 'application'>, bill: Bill): Promise<void> {
  const { id, target, month, amount, currency, corrects } = bill;
  await application.audit.append(
    {
      ...{
        action: corrects ? 'usage.bill_corrected' : 'usage.bill_added',
        entity: 'usage_bills',
        entityId: id,
      },
      details: { target, month, amount: decimalAmount(amount, currency), currency, corrects },
    },
    { actor: cliActor() },
  );
}

function rowOf({ id, month, amount, currency, corrects, note, enteredBy, enteredAt }: Bill, source: string) {
  return {
    ...{ id: id.slice(0, 8), month, source, amount: decimalAmount(amount, currency), currency },
    ...{ corrects: corrects?.slice(0, 8) ?? null, note, enteredBy, enteredAt },
  };
}
