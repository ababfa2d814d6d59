/** A translation of sentences in which `%s` stands for a value. */
export type Rules = Readonly<Record<string, string>>;

/**
 * A sentence of the database's rules in another language, or as it is where the translation lacks it.
 *
 * @param wordOf a value's word in that language, such as of a status
 */
export function ruleWords(said: string, rules: Rules, wordOf: (value: string) => string): string {
  // Of several templates that match, the one with the most literal words.
  const template = Object.keys(rules)
    .filter((one) => patternOf(one).test(said))
    .sort((one, other) => other.length - one.length)[0];
  if (template === undefined) return said;
  const values = patternOf(template).exec(said)?.slice(1) ?? [];
  return (rules[template] as string).replace(/%[s%]/g, (place) =>
    place === '%%' ? '%' : wordOf(values.shift() ?? ''),
  );
}

const patterns = new Map<string, RegExp>();

function patternOf(template: string): RegExp {
  const known = patterns.get(template);
  if (known) return known;
  const pattern = new RegExp(
    `^${template
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replace(/%%/g, '%')
      .replace(/%s/g, '(.+?)')
      // The database writes either apostrophe.
      .replace(/’/g, "['’]")}$`,
  );
  patterns.set(template, pattern);
  return pattern;
}
