import { declareFailures, MarqueeError } from '@/lib/failures';

const CLOSING_FAILURES = declareFailures('crm/closing', 'user', {
  quote_accepted_already: {
    category: 'conflict',
    means: 'The quote was accepted before.',
    hint: 'Load the page again to see it.',
  },
  quote_changed: {
    category: 'conflict',
    means: 'The quote or contract was changed since it was shown.',
    hint: 'Load the page again and read it once more.',
  },
  quote_contract_empty: {
    category: 'conflict',
    means: 'The contract, or its template, has no text, so there is nothing to sign.',
    hint: 'Write the text under Settings, Templates, or choose another template.',
  },
  quote_contract_of_quote: {
    category: 'conflict',
    means: 'The contract is signed together with its quote.',
    hint: 'Send the quote again: its link opens both.',
  },
  quote_contract_open: {
    category: 'conflict',
    means: 'Another contract of the event is not signed yet.',
    hint: 'Send that one, or void it first.',
  },
  quote_not_open: {
    category: 'conflict',
    means: 'The status of the quote or contract does not allow it.',
    hint: 'Make a new revision and send that.',
  },
  quote_not_signed: {
    category: 'conflict',
    means: 'The contract is not signed.',
    hint: 'Wait until the client has signed it.',
  },
  quote_past_validity: {
    category: 'conflict',
    means: 'The last day on which the quote can be accepted has passed.',
    hint: 'Set “Valid until” to today or a later day.',
  },
  quote_superseded: {
    category: 'conflict',
    means: 'The quote was replaced by a newer one.',
    hint: 'Open the newest mail from the company.',
  },
  quote_template_incomplete: {
    category: 'invalid',
    means: 'The contract’s template needs values that the deal does not have.',
    hint: 'Fill them in on the deal, or choose another template.',
  },
  quote_template_unknown: {
    category: 'invalid',
    means: 'There is no such contract template.',
    hint: 'Choose one under Settings, Templates.',
  },
  quote_without_account: {
    category: 'conflict',
    means: 'The deal has no account to make a contract with.',
    hint: 'Choose an account on the deal.',
  },
  quote_without_contract: {
    category: 'conflict',
    means: 'The agreement of the quote was withdrawn.',
    hint: 'Ask the company to send the quote again.',
  },
  quote_without_date: {
    category: 'conflict',
    means: 'The deal has no date to reserve.',
    hint: 'Give the deal its date first.',
  },
  quote_without_lines: {
    category: 'conflict',
    means: 'The quote has no line, so there is nothing to accept.',
    hint: 'Add a line first.',
  },
});

/** A quote or contract cannot be sent, accepted or signed as it stands. */
export class ClosingError extends MarqueeError<keyof typeof CLOSING_FAILURES> {}
