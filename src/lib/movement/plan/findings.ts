export interface Finding {
  /** Stable name of the check. */
  check: string;
  level: 'ok' | 'warning' | 'problem';
  message: string;
}

/** Collects what checks have found. */
export class Findings {
  readonly list: Finding[] = [];

  /** @param passed the message when the check passed; `failed` is the one when it did not */
  add(
    check: string,
    isOk: boolean,
    passed: string,
    failed: string,
    level: 'warning' | 'problem' = 'problem',
  ): void {
    this.list.push({ check, level: isOk ? 'ok' : level, message: isOk ? passed : failed });
  }
}
