import type { Said, Sentence } from '@/lib/failures';

export interface Finding {
  /** Stable name of the check. */
  check: string;
  level: 'ok' | 'warning' | 'problem';
  message: string;
  /** The message as code and values. */
  says: Said;
}

/** Collects what checks have found. */
export class Findings {
  readonly list: Finding[] = [];

  /** @param passed what is said when the check passed; `failed` when it did not */
  add(
    check: string,
    isOk: boolean,
    passed: Sentence,
    failed: Sentence,
    level: 'warning' | 'problem' = 'problem',
  ): void {
    this.list.push(finding(check, isOk ? 'ok' : level, isOk ? passed : failed));
  }
}

export function finding(check: string, level: Finding['level'], { text, said }: Sentence): Finding {
  return { check, level, message: text, says: said };
}
