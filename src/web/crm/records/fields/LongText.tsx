import { Textarea, type TextareaProps } from '@mantine/core';
import { type ClipboardEvent, type Ref, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './LongText.module.css';

/** Maximum length, characters. */
export const LONGEST_TEXT = 1_000_000;

/** A multi-line input that grows with its content. */
export function LongText({
  error,
  minRows = 3,
  ...properties
}: TextareaProps & { ref?: Ref<HTMLTextAreaElement> }) {
  const { error: pasteError, onPaste } = usePasteLimit(LONGEST_TEXT);
  return (
    <Textarea
      {...properties}
      error={error ?? pasteError}
      onPaste={onPaste}
      rows={minRows}
      classNames={{ input: classes.input ?? '' }}
      style={{ '--least-rows': minRows }}
    />
  );
}

/** Rejects pastes that are too long: rendering them would block the page. @param longest characters */
export function usePasteLimit(longest: number) {
  const { t } = useTranslation();
  const [refused, setRefused] = useState(false);
  const onPaste = (event: ClipboardEvent) => {
    const isTooLong = event.clipboardData.getData('text').length > longest;
    setRefused(isTooLong);
    if (isTooLong) event.preventDefault();
  };
  return { onPaste, error: refused ? t('form.pasteTooLong', { count: longest }) : undefined };
}
