import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useRecords } from '../../hooks/records';
import type { RecordOf } from '../../ui/entity';

/** Says that what the client's link shows is no longer what was sent. */
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
