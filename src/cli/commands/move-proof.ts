// What proves that a move lost nothing: the certificate, and comparing rows.
import { Command } from 'commander';
import {
  checkMove,
  MovementError,
  MoveStore,
  namesOf,
  type SignedCertificate,
  verifyCertificate,
  verifyMove,
} from '@/lib/movement';
import { printJson, printRows } from '../output';
import { findMove, type Json, withMoves } from './move-run';

const certificate = new Command('certificate')
  .argument('<move>')
  .description(
    'Show the signed proof that the target held every row at the cut-over, and check its signature',
  )
  .option('--json', 'print the certificate with its signature')
  .action((name: string, { json }: Json) =>
    withMoves(async (moves, instance) => {
      const move = await findMove(instance, new MoveStore(moves.operations), name);
      if (!move.certificate) {
        throw new MovementError(
          'move_not_possible',
          'This move has no certificate yet: it is made after the cut-over.',
          {
            hint: 'See where it is: marquee move status',
          },
        );
      }
      const signed = move.certificate as unknown as SignedCertificate;
      const { tables, rows, cutOverAt, comparedAt, pauseMs } = await verifyCertificate(
        signed,
        moves.signatures,
      );
      if (json) return printJson(signed);
      const { tenant, from, to } = (await namesOf(instance, [move]))(move);
      console.log(
        `${tenant} moved from ${from} to ${to} at ${cutOverAt}${pauseMs === null ? '' : `; statements waited ${pauseMs} ms at most`}.`,
      );
      console.log(
        `${rows.toLocaleString('en')} rows were equal ${comparedAt === 'cut_over' ? 'at the cut-over' : 'after the cut-over'}. The signature is valid.`,
      );
      printRows(
        tables.filter((table) => table.rows > 0),
        false,
        'Every table was empty.',
      );
    }),
  );

const verify = new Command('verify')
  .argument('<move>')
  .description('Compare every row of source and target; with --to, check whether a tenant could move there')
  .option('--to <source>', 'the argument is a tenant: run the preflight of moving it to this data source')
  .option('--json', 'print JSON')
  .action((name: string, { to, json }: Json & { to?: string }) =>
    withMoves(async (moves, instance) => {
      if (to) {
        const [tenant, source] = await Promise.all([
          instance.application.tenants.named(name),
          instance.operations.dataSources.get(to),
        ]);
        const result = await checkMove(moves, { tenantId: tenant.id, toSource: source.id });
        if (json) printJson(result);
        else
          printRows(
            result.findings.map(({ says: _, ...finding }) => finding),
            false,
            '',
          );
        if (result.findings.some(({ level }) => level === 'problem')) process.exitCode = 1;
        return;
      }
      const { id } = await findMove(instance, new MoveStore(moves.operations), name);
      const { tables, rows, differences } = await verifyMove(moves, id);
      if (json) printJson({ rows, tables, differences });
      else
        printRows(
          tables.map(({ table, rows: count, digest, differences: found }) => ({
            table,
            rows: count,
            digest,
            differences: found.length,
          })),
          false,
          '',
        );
      if (differences.length > 0) process.exitCode = 1;
    }),
  );

export const proofCommands = [certificate, verify];
