import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useRecords } from '../../hooks/records/records';
import type { RecordOf } from '../records/entity';

/** Warns that the quote has changed since it was sent. The client's link is not accepted until it is sent again. */
export function SendAgain({ quote }: { quote: RecordOf<'quotes'> }) {
  const { t } = useTranslation();
  const isOut = quote.status === 'sent' || quote.status === 'viewed';
  const { data } = useRecords(
    'quotes',
    { select: 'id,needs_resending', filters: [['id', 'eq', quote.id]] },
    { enabled: isOut },
  );
  const [row] = (data ?? []) as unknown as { needs_resending: boolean }[];
  return isOut && row?.needs_resending ? <Alert color="orange">{t('quoting.needsResending')}</Alert> : null;
}
