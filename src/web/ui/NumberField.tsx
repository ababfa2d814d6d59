import { NumberInput, type NumberInputProps } from '@mantine/core';
import { useWords } from '../i18n/use-words';

/** A number input with the user's decimal separator: in German, 12,50 is twelve and a half. */
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
