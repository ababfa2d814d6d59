import { declareFailures, MarqueeError } from '@/lib/failures';

const IMPORT_FAILURES = declareFailures('crm/import', 'user', {
  import_unmapped: {
    category: 'invalid',
    means: 'No column of the file is mapped to a required field.',
    hint: 'Choose which column of the file it is.',
  },
  import_ambiguous_dates: {
    category: 'invalid',
    means: 'Dates of a column can be read with the day or the month first.',
    hint: 'Choose which comes first.',
  },
  import_text_too_long: {
    category: 'invalid',
    means: 'A cell’s text is too long.',
    hint: 'Shorten it.',
  },
  import_bad_number: {
    category: 'invalid',
    means: 'A cell is not a whole number.',
    hint: 'Write it as 1234.',
  },
  import_bad_boolean: {
    category: 'invalid',
    means: 'A cell is neither yes nor no.',
    hint: 'Write yes or no.',
  },
  import_bad_email: {
    category: 'invalid',
    means: 'A cell is not an email address.',
    hint: 'Write it as ann@example.com.',
  },
  import_bad_choice: {
    category: 'invalid',
    means: 'A cell has none of the allowed values.',
    hint: 'Use one of the allowed values.',
  },
  import_bad_date: {
    category: 'invalid',
    means: 'A cell is not a date that exists.',
    hint: 'Write it as 2026-05-31.',
  },
  import_bad_time: {
    category: 'invalid',
    means: 'A cell is not a time of day.',
    hint: 'Write it as 18:30.',
  },
  import_bad_amount: {
    category: 'invalid',
    means: 'A cell is not an amount of money.',
    hint: 'Write it as 1234.50.',
  },
  csv_malformed: {
    category: 'invalid',
    means: 'The file cannot be read as CSV.',
    hint: 'Export it again as CSV in UTF-8.',
  },
  csv_no_header: {
    category: 'invalid',
    means: 'The first line names no column.',
    hint: 'Put the names of the columns into the first line.',
  },
  csv_too_wide: {
    category: 'invalid',
    means: 'The file has too many columns.',
    hint: 'Leave out the columns that are not imported.',
  },
  csv_duplicate_header: {
    category: 'invalid',
    means: 'Two columns have the same name.',
    hint: 'Rename one of them.',
  },
  body_too_large: {
    category: 'invalid',
    status: 413,
    means: 'The request’s body, or a part of it, is larger than allowed.',
    hint: 'Send it in parts.',
  },
});

type ImportCode<Prefix extends string> = Extract<keyof typeof IMPORT_FAILURES, `${Prefix}${string}`>;

export class ImportError extends MarqueeError<ImportCode<'import_'>> {}

/** The file as a whole cannot be read. */
export class CsvError extends MarqueeError<ImportCode<'csv_' | 'body_'>> {}

/** One cell cannot be read. */
export class CellError extends MarqueeError<ImportCode<'import_'>> {}
