import { Anchor } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { serverAddress } from '../../hooks/page/address';
import type { RecordOf } from '../records/entity';

/** Opens the receipt of a payment that succeeded; of a credit, its credit note. */
export function ReceiptLink({ payment }: { payment: RecordOf<'payments'> }) {
  const { t } = useTranslation();
  if (payment.status !== 'succeeded') return null;
  return (
    <Anchor href={serverAddress(`/api/documents/payments/${payment.id}.pdf`)} target="_blank" size="sm">
      {t(payment.method === 'credit' ? 'paper.creditNote' : 'paper.receipt')}
    </Anchor>
  );
}
