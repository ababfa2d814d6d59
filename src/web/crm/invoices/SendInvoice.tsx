import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Mail } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../hooks/session/roles';
import { CopyClientLink } from '../mail/CopyClientLink';
import type { RecordOf } from '../records/entity';

const WriteMail = lazy(() => import('../mail/WriteMail').then((part) => ({ default: part.WriteMail })));

const ISSUED = ['sent', 'partially_paid', 'paid'];
const OPEN = ['sent', 'partially_paid'];

/** Actions of an issued invoice: mail it, send a reminder, copy the client's link. */
export function SendInvoice({ invoice }: { invoice: RecordOf<'invoices'> }) {
  const { t } = useTranslation();
  const may = useMay();
  const [writing, write] = useDisclosure();
  if (!may('sales') || !ISSUED.includes(invoice.status)) return null;
  const isReminder = OPEN.includes(invoice.status) && invoice.viewed_at !== null;
  return (
    <>
      <Button variant="default" leftSection={<Mail size={16} />} onClick={write.open}>
        {t(isReminder ? 'mailing.remind' : 'mailing.mailInvoice')}
      </Button>
      <CopyClientLink path={`/api/invoices/${invoice.id}/link`} text={t('mailing.linkText')} />
      {writing && (
        <Suspense fallback={null}>
          <WriteMail about={{ kind: 'invoice', id: invoice.id }} withDocument onClose={write.close} />
        </Suspense>
      )}
    </>
  );
}
