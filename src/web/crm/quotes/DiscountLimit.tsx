import { Button, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSettings } from '../../hooks/company/settings';
import { useFormat } from '../../hooks/format';
import { useRpc } from '../../hooks/records/changes';
import { useRecords } from '../../hooks/records/records';
import { useMay } from '../../hooks/session/roles';
import { TotalRow } from '../lines/DocumentLines';
import type { RecordOf } from '../records/entity';

/** Total discount of a draft, and the approval it needs above the sales limit. */
export function DiscountLimit({ quote }: { quote: RecordOf<'quotes'> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const { settings } = useSettings();
  const approve = useRpc('approve_discount');
  const { data } = useRecords<'quotes', { id: string; discount_percent: number }>('quotes', {
    select: 'id,discount_percent',
    filters: [['id', 'eq', quote.id]],
  });
  const given = data?.[0]?.discount_percent ?? 0;
  const approved = quote.discount_approved ?? 0;
  if (given === 0) return null;
  return (
    <TotalRow label={t('quoting.discount')}>
      <Stack gap={4} align="flex-end">
        {format.rate(given)}
        {given > Math.max(settings.max_discount_percent, approved) && (
          <>
            <Text size="xs" c="dimmed" maw={260} ta="right">
              {t('quoting.discountOver', { limit: format.number(settings.max_discount_percent) })}
            </Text>
            {may('money') && (
              <Button
                size="compact-sm"
                variant="default"
                loading={approve.isPending}
                onClick={() => approve.mutate({ quote_id: quote.id })}
              >
                {t('quoting.discountApprove')}
              </Button>
            )}
          </>
        )}
        {approved > 0 && given <= approved && (
          <Text size="xs" c="dimmed">
            {t('quoting.discountApproved', { percent: format.number(approved) })}
          </Text>
        )}
      </Stack>
    </TotalRow>
  );
}
