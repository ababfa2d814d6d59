import { Button, CopyButton } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';

/** Copies a text, and says for a moment that it did. `of` names the text where several can be copied. */
export function CopyTextButton({
  text,
  label,
  of,
  size = 'sm',
  isPrimary,
}: {
  text: string;
  label: string;
  of?: string;
  size?: 'sm' | 'compact-sm';
  isPrimary?: boolean;
}) {
  const { t } = useTranslation();
  const iconSize = size === 'sm' ? 16 : 14;
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => {
        const shown = copied ? t('copied') : label;
        return (
          <Button
            size={size}
            variant={isPrimary ? 'filled' : 'default'}
            flex="none"
            leftSection={copied ? <Check size={iconSize} /> : <Copy size={iconSize} />}
            aria-label={of && `${shown}: ${of}`}
            onClick={copy}
          >
            {shown}
          </Button>
        );
      }}
    </CopyButton>
  );
}
