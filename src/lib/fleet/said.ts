// What the server says of the fleet: English text, and the same as a code with values, which screens say in other languages.

export interface Said {
  /** Such as `evidence.round_trip`: the catalogue, and a key of it. */
  code: string;
  values: Record<string, string | number>;
}

export interface Sentence {
  text: string;
  said: Said;
}

/** Makes sentences by a catalogue: `{{name}}` stands for the value of that name. Codes begin with the catalogue's name. */
export function speaker<Code extends string>(name: string, catalogue: Record<Code, string>) {
  return (code: Code, values: Said['values'] = {}): Sentence => ({
    text: catalogue[code].replace(/\{\{(\w+)\}\}/g, (_, value: string) => String(values[value] ?? '')),
    said: { code: `${name}.${code}`, values },
  });
}
