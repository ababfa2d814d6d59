import { TextInput, type TextInputProps } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePhones } from '../../../hooks/phones';

/** A phone number, as a link that calls it. */
export function PhoneNumber({ text, link }: { text: string; link: boolean }) {
  const { show } = usePhones();
  if (!link) return show(text);
  return (
    <a className="link" href={`tel:${text.replace(/\s/g, '')}`}>
      {show(text)}
    </a>
  );
}

interface Properties extends Omit<TextInputProps, 'value' | 'onChange'> {
  value: string;
  onChange: (value: string | null) => void;
}

/** Takes a phone number in any spelling. What is no phone number is kept as it was typed, with a hint. */
export function PhoneInput({ value, onChange, description, ...shared }: Properties) {
  const { t } = useTranslation();
  const { show, normalize } = usePhones();
  const [typed, setTyped] = useState<string>();
  const isUnknown = typed === undefined && value !== '' && normalize(value) === undefined;
  const leave = () => {
    if (typed !== undefined) onChange(normalize(typed) ?? (typed.trim() || null));
    setTyped(undefined);
  };
  return (
    <TextInput
      {...shared}
      type="tel"
      description={isUnknown ? t('help.phone_unknown') : description}
      value={typed ?? show(value)}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(event.target.value || null);
      }}
      onBlur={leave}
    />
  );
}
