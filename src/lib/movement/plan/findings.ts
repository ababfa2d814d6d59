import type { Message, MessageDescriptor } from '@/lib/failures';

/** The result of one check of a preflight. */
export interface Finding {
  /** Stable name of the check. */
  check: string;
  level: 'ok' | 'warning' | 'problem';
  message: string;
  /** The message as code and values. */
  says: MessageDescriptor;
}

/** Collects the results of checks. */
export class Findings {
  readonly list: Finding[] = [];

  /** Adds the result of a check: the sentence `passed` or `failed`, by `isOk`. */
  add(
    check: string,
    isOk: boolean,
    passed: Message,
    failed: Message,
    level: 'warning' | 'problem' = 'problem',
  ): void {
    this.list.push(finding(check, isOk ? 'ok' : level, isOk ? passed : failed));
  }
}

export function finding(check: string, level: Finding['level'], { text, said }: Message): Finding {
  return { check, level, message: text, says: said };
}
