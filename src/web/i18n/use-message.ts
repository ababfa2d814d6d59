import { useWords } from './use-words';

interface Words {
  /** The catalogue, and a key of it: `evidence.round_trip`. */
  code: string;
  values?: Record<string, string | number> | undefined;
}

/** What the server says, as code and values; `parts`: values that are lists of sentences. */
interface MessageDescriptor extends Words {
  parts?: Record<string, (Words & { text: string })[]> | undefined;
}

/**
 * Says in the user's language what the server said in English. A code that this page does not know, of a newer server, stays English.
 *
 * @param german sentences by the two parts of their codes, where the page's catalogue does not have them
 * @returns a function of the code with its values, and of the server's English text
 */
export function useMessage(
  german: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): (said: MessageDescriptor | null | undefined, english: string) => string {
  const { t, language } = useWords();
  const sentence = (code: string, values: Words['values'], english: string) => {
    const [catalogue = '', key = ''] = code.split('.');
    const own = language === 'de' ? german[catalogue]?.[key] : undefined;
    return t(`serverMessages.${code}`, { ...values, defaultValue: own ?? english });
  };
  return (said, english) => {
    if (!said) return english;
    const lists = Object.entries(said.parts ?? {}).map(([name, parts]) => [
      name,
      parts.map(({ code, values, text }) => sentence(code, values, text)).join('; '),
    ]);
    return sentence(said.code, { ...said.values, ...Object.fromEntries(lists) }, english);
  };
}
