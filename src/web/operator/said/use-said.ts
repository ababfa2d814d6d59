import { useTranslation } from 'react-i18next';

/** What the server says, as code and values. */
interface Said {
  code: string;
  values?: Record<string, string | number>;
}

/**
 * Says in the user's language what the server said in English. A code that this page does not know, of a newer server, stays English.
 *
 * @returns a function of the code with its values, and of the server's English text
 */
export function useSaid(): (said: Said | null | undefined, english: string) => string {
  const { t } = useTranslation();
  return (said, english) =>
    said ? t(`said.${said.code}`, { ...said.values, defaultValue: english }) : english;
}

/** Why work has failed, as it is stored. */
interface StoredFailure {
  code: string;
  message: string;
  hint?: string | undefined;
}

/** Says why work has failed, and what to do about it. The English hint is left out where a language's own sentence has one. */
export function useSaidFailure(): (failure: StoredFailure) => string {
  const { t } = useTranslation();
  return ({ code, message, hint }) =>
    t(`said.failures.${code}`, { message, defaultValue: [message, hint].filter(Boolean).join(' ') });
}
