import { Textarea, type TextareaProps } from '@mantine/core';
import { type ClipboardEvent, type Ref, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './LongText.module.css';

/** Characters: more than a book has. */
export const LONGEST_TEXT = 1_000_000;

/** An input for a text of several lines, which grows with it. */
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

/** Refuses at once what is far too long: put into an input, it would hold up the page for a minute. @param longest characters */
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
