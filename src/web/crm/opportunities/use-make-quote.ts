import { useMutation, useQueryClient } from '@tanstack/react-query';
import { shiftDays, useFormat } from '../../hooks/format';
import { database, unwrap } from '../../hooks/request/database';
import type { Row } from '../../hooks/request/query';

const VALID_DAYS = 14;

/** Columns copied from an opportunity's line to the quote's. */
const CARRIED =
  'item_type,package_id,add_on_id,product_id,name,description,quantity,unit,unit_price,discount_type,discount_value,taxable,tax_rate,sort_order,includes';

/** Creates a draft quote from an opportunity's lines. */
export function useMakeQuote() {
  const client = useQueryClient();
  const format = useFormat();
  const { mutate, isPending } = useMutation({
    mutationFn: async (deal: Row<'opportunities'>) => {
      const draft = {
        opportunity_id: deal.id,
        account_id: deal.account_id,
        contact_id: deal.contact_id,
        currency: deal.currency,
        valid_until: shiftDays(format.today, VALID_DAYS),
      };
      const quote = unwrap<{ id: string }>(await database.from('quotes').insert(draft).select('id').single());
      const lines = unwrap(
        await database.from('opportunity_line_items').select(`id,${CARRIED}`).eq('opportunity_id', deal.id),
      );
      if (lines.length > 0) {
        const copies = lines.map(({ id, ...line }) => ({ ...line, quote_id: quote.id, source_line_id: id }));
        unwrap(await database.from('quote_line_items').insert(copies));
      }
      return quote.id;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['records'] }),
  });
  return {
    makeQuote: (deal: Row<'opportunities'>, onMade: (id: string) => void) =>
      mutate(deal, { onSuccess: onMade }),
    isPending,
  };
}
