import { NumberInput, type NumberInputProps } from '@mantine/core';
import { useWords } from '../i18n/use-words';

/** An input for a number, written as in the user's language: where a comma divides, 12,50 is not 1250. */
export function NumberField(properties: NumberInputProps) {
  const { language } = useWords();
  const { group, decimal } = separatorsOf(language);
  return <NumberInput thousandSeparator={group} decimalSeparator={decimal} {...properties} />;
}

function separatorsOf(language: string): { group: string; decimal: string } {
  const parts = new Intl.NumberFormat(language).formatToParts(12_345.6);
  const textOf = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return { group: textOf('group'), decimal: textOf('decimal') };
}
