import { useTranslation } from 'react-i18next';

export { useMessage } from '../../i18n/use-message';

/** Why work has failed, as it is stored. */
interface StoredFailure {
  code: string;
  message: string;
  hint?: string | undefined;
}

/** Says why work has failed, and what to do about it. The English hint is left out where a language's own sentence has one. */
export function useFailureMessage(): (failure: StoredFailure) => string {
  const { t } = useTranslation();
  return ({ code, message, hint }) =>
    t(`serverMessages.failures.${code}`, {
      message,
      defaultValue: [message, hint].filter(Boolean).join(' '),
    });
}
