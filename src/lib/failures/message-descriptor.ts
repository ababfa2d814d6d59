// What the server says, as English text and as a code with values, which screens say in other languages.

type Values = Record<string, string | number>;

export interface MessageDescriptor {
  /** Such as `evidence.round_trip`: the catalogue, and a key of it. */
  code: string;
  values: Values;
  /** Values that are lists of sentences: each as code and values, with its English text. */
  parts?: Record<string, DescriptorPart[]>;
}

interface DescriptorPart {
  code: string;
  values: Values;
  text: string;
}

export interface Message {
  text: string;
  said: MessageDescriptor;
}

type Catalogue<Code extends string> = Readonly<Record<Code, string>>;

const PLACE = /\{\{(\w+)\}\}/g;
/** Between the sentences of a list. */
const NEXT = '; ';

/**
 * Makes sentences by a catalogue: `{{name}}` stands for the value of that name, which may be a list of sentences. Codes begin with
 * the catalogue's name.
 */
export function messageFormatter<Code extends string>(name: string, catalogue: Catalogue<Code>) {
  return (code: Code, given: Record<string, string | number | readonly Message[]> = {}): Message => {
    const values: Values = {};
    const parts: Record<string, DescriptorPart[]> = {};
    for (const [key, value] of Object.entries(given)) {
      if (typeof value !== 'object') {
        values[key] = value;
        continue;
      }
      values[key] = value.map(({ text }) => text).join(NEXT);
      parts[key] = value.map(({ text, said }) => ({ code: said.code, values: said.values, text }));
    }
    return {
      text: catalogue[code].replace(PLACE, (_, value: string) => String(values[value] ?? '')),
      said: {
        ...{ code: `${name}.${code}`, values },
        ...(Object.keys(parts).length > 0 ? { parts } : {}),
      },
    };
  };
}

/**
 * Reads sentences that `messageFormatter` has made by the same catalogue and that were stored as text.
 *
 * @returns a function of the text: its code and values, or undefined where no sentence of the catalogue has this form
 */
export function messageParser<Code extends string>(name: string, catalogue: Catalogue<Code>) {
  const sentences = Object.entries<string>(catalogue)
    // Of several that fit, the one with the most words of its own.
    .sort(([, one], [, other]) => wordsOf(other).length - wordsOf(one).length)
    .map(([code, words]) => ({
      code: `${name}.${code}`,
      names: [...words.matchAll(PLACE)].map(([, value]) => value as string),
      pattern: new RegExp(`^${words.split(PLACE).map(partOfPattern).join('')}$`, 's'),
    }));
  return (text: string): MessageDescriptor | undefined => {
    for (const { code, names, pattern } of sentences) {
      const found = pattern.exec(text)?.slice(1);
      if (found) return { code, values: Object.fromEntries(names.map((one, at) => [one, found[at] ?? ''])) };
    }
    return undefined;
  };
}

function wordsOf(sentence: string): string {
  return sentence.replace(PLACE, '');
}

/** `split` gives words and names of places by turns. */
function partOfPattern(part: string, index: number): string {
  return index % 2 === 1 ? '(.+?)' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
