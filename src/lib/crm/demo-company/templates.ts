import { starterTexts } from '../starter-texts';
import type { Rows } from './rows';

/** What the company writes again and again. */
export function addTemplates(rows: Rows): void {
  for (const { key: _, type, name, subject, content } of starterTexts('en'))
    rows.add('templates', { type, name, subject: subject ?? null, content, is_default: type === 'contract' });
}
