import { declareFailures, MarqueeError } from '@/lib/failures';

const SETTING_FAILURES = declareFailures('crm/settings', 'user', {
  setting_unknown: {
    category: 'invalid',
    means: 'There is no setting of this name.',
    hint: 'Use one of the known settings.',
  },
  setting_invalid: {
    category: 'invalid',
    means: 'The value of a setting is not valid.',
    hint: 'Correct what the message names.',
  },
});

/** A setting has another name or form. */
export class SettingError extends MarqueeError<keyof typeof SETTING_FAILURES> {}
