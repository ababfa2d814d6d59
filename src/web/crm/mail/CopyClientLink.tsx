import { Button, type ButtonProps, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { InvoiceLink } from '@/server/api/sales/invoice-links';
import { ask } from '../../hooks/session/session';
import { CopyTextButton } from '../../ui/CopyTextButton';

/** Makes a link for the client and shows it to be copied. @param path of the route that makes it @param text what the link allows */
export function CopyClientLink({
  path,
  text,
  size = 'sm',
}: {
  path: string;
  text: string;
  size?: ButtonProps['size'];
}) {
  const { t } = useTranslation();
  const make = useMutation({
    mutationFn: () => ask<InvoiceLink>(path, { method: 'POST' }),
  });
  return (
    <>
      <Button
        variant="default"
        size={size}
        leftSection={<Link2 size={16} />}
        loading={make.isPending}
        onClick={() => make.mutate()}
      >
        {t('mailing.link')}
      </Button>
      <Modal opened={make.data !== undefined} onClose={make.reset} title={t('mailing.linkTitle')}>
        <Stack>
          <TextInput
            label={t('mailing.linkTitle')}
            description={text}
            value={make.data?.url ?? ''}
            readOnly
            data-autofocus
            onFocus={(event) => event.target.select()}
          />
          <Group justify="flex-end">
            <CopyTextButton text={make.data?.url ?? ''} label={t('copy')} isPrimary />
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
