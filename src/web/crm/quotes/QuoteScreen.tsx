import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatIn, useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import { useMay } from '../../hooks/session/roles';
import { PageColumns } from '../../ui/PageColumns';
import { quotes } from '../entities/money';
import { Holds } from '../holds/Holds';
import { Deduction } from '../lines/Deduction';
import { DocumentLines, TotalRow, Totals } from '../lines/DocumentLines';
import { PdfPreview } from '../lines/PdfPreview';
import { TaxedTotal } from '../lines/TaxedTotal';
import { QuotePlan } from '../plans/PaymentPlan';
import type { RecordOf } from '../records/entity';
import { RecordFacts } from '../records/RecordFacts';
import { RecordPage } from '../records/RecordPage';
import { History } from '../timeline/History';
import { Messages } from '../timeline/Messages';
import { DiscountLimit } from './DiscountLimit';
import { QuoteActions } from './QuoteActions';
import { SendAgain } from './SendAgain';

/** The page of a quote: lines, totals and actions. */
export function QuoteScreen() {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <RecordPage<RecordOf<'quotes'>>
      entity={quotes}
      subtitle={(quote) =>
        quote.valid_until && t('quoting.validUntil', { date: format.date(quote.valid_until) })
      }
      actions={(quote) => (
        <>
          <PdfPreview parent={{ table: 'quotes', id: quote.id }} version={quote.version} />
          <QuoteActions quote={quote} />
        </>
      )}
      tabs={[
        {
          key: 'overview',
          content: (quote) => (
            <PageColumns
              main={
                <Stack>
                  <SendAgain quote={quote} />
                  <QuoteLines quote={quote} />
                </Stack>
              }
              side={
                <Stack>
                  <Holds opportunityId={quote.opportunity_id} />
                  <QuotePlan quote={quote} />
                  <RecordFacts
                    entity={quotes}
                    record={quote}
                    without={['quote_number', 'status', 'total', 'revision']}
                  />
                </Stack>
              }
            />
          ),
        },
        { key: 'messages', content: (quote) => <Messages link="quote_id" id={quote.id} /> },
        { key: 'history', content: (quote) => <History kind="quotes" record={quote} /> },
      ]}
    />
  );
}

function QuoteLines({ quote }: { quote: RecordOf<'quotes'> }) {
  const { t } = useTranslation();
  const format = formatIn(useFormat(), quote.currency);
  const may = useMay();
  const save = useSaveRecord('quotes');
  const editable = quote.status === 'draft' && may('sales');
  const offline = (label: string) => ({ group: `quotes:${quote.id}`, label, seen: quote });
  return (
    <DocumentLines
      parent={{ table: 'quotes', id: quote.id }}
      currency={quote.currency}
      editable={editable}
      totals={
        <Totals>
          <TotalRow label={t('lines.subtotal')}>{format.money(quote.subtotal)}</TotalRow>
          {editable && (
            <TotalRow label={t('lines.documentDiscount')}>
              <Deduction
                label={t('lines.documentDiscount')}
                currency={quote.currency}
                kind={quote.discount_type}
                value={quote.discount_value}
                onChange={(discount_type, discount_value) =>
                  save.mutateAsync({
                    id: quote.id,
                    changes: { discount_type, discount_value },
                    offline: offline(t('lines.documentDiscount')),
                  })
                }
              />
            </TotalRow>
          )}
          {quote.discount > 0 && (
            <TotalRow label={t('lines.discount')}>−{format.money(quote.discount)}</TotalRow>
          )}
          {editable && <DiscountLimit quote={quote} />}
          <TaxedTotal table="quotes" document={quote} editable={editable} />
        </Totals>
      }
    />
  );
}
