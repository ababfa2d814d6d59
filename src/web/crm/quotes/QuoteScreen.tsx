import { SimpleGrid } from '@mantine/core';
import { useFormat } from '../../hooks/format';
import type { Row } from '../../hooks/query';
import { useMay } from '../../hooks/roles';
import type { AnyRow } from '../../ui/entity';
import { Facts } from '../../ui/Facts';
import { PageColumns, RecordPage } from '../../ui/RecordPage';
import { quotes } from '../entities/money';
import { LineEditor } from '../lines/LineEditor';
import { Totals } from '../lines/Totals';
import { History } from '../timeline/History';
import { Notes } from '../timeline/Notes';
import { DocumentTerms } from './DocumentTerms';
import { QuoteActions } from './QuoteActions';

export type Quote = Row<'quotes'> & AnyRow;

export function QuoteScreen() {
  const may = useMay();
  const format = useFormat();
  return (
    <RecordPage<Quote>
      entity={quotes}
      subtitle={(quote) => quote.valid_until && format.fromToday(quote.valid_until)}
      actions={(quote) => <QuoteActions quote={quote} />}
      tabs={[
        {
          key: 'overview',
          content: (quote) => {
            const editable = quote.status === 'draft' && may('sales');
            return (
              <PageColumns
                main={
                  <LineEditor
                    table="quote_line_items"
                    parent={{ column: 'quote_id', id: quote.id }}
                    editable={editable}
                  >
                    <Totals document={quote} />
                  </LineEditor>
                }
                side={
                  <>
                    <DocumentTerms table="quotes" document={quote} editable={editable} />
                    <SimpleGrid cols={1}>
                      <Facts entity={quotes} record={quote} without={['quote_number', 'status', 'total']} />
                    </SimpleGrid>
                    <Notes entityType="quote" entityId={quote.id} />
                  </>
                }
              />
            );
          },
        },
        { key: 'history', content: (quote) => <History record={quote} /> },
      ]}
    />
  );
}
