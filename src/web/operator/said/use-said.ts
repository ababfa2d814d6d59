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
export function useSaid(): (said: Said | undefined, english: string) => string {
  const { t } = useTranslation();
  return (said, english) =>
    said ? t(`said.${said.code}`, { ...said.values, defaultValue: english }) : english;
}
