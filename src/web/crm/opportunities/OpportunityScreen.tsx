import { Button, Group, Select } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSettings } from '../../hooks/company/settings';
import { formatIn, useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import type { Filter } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { ButtonTo } from '../../ui/LinkTo';
import { PageColumns } from '../../ui/PageColumns';
import { opportunities } from '../entities/clients';
import { eventDates } from '../entities/events';
import { quotes } from '../entities/money';
import { Holds } from '../holds/Holds';
import { DocumentLines } from '../lines/DocumentLines';
import type { RecordOf } from '../records/entity';
import { StageBadge } from '../records/fields/StageBadge';
import { RecordFacts } from '../records/RecordFacts';
import { RecordPage } from '../records/RecordPage';
import { RelatedRecords } from '../records/RelatedRecords';
import { useWhenSaved } from '../records/use-when-saved';
import { History } from '../timeline/History';
import { Messages } from '../timeline/Messages';
import { Notes } from '../timeline/Notes';
import { ConvertOpportunity } from './ConvertOpportunity';
import { useMakeQuote } from './use-make-quote';

/** The list of opportunities is the pipeline board, to which their pages link back. */
const entity = { ...opportunities, path: '/pipeline' };

export function OpportunityScreen() {
  const format = useFormat();
  const may = useMay();
  return (
    <RecordPage<RecordOf<'opportunities'>>
      entity={entity}
      badge={(deal) => <StageBadge stage={deal.stage} size="lg" />}
      subtitle={(deal) => formatIn(format, deal.currency).money(deal.amount)}
      actions={(deal) => <OpportunityActions deal={deal} />}
      tabs={[
        {
          key: 'overview',
          content: (deal) => (
            <PageColumns
              main={
                <>
                  <DocumentLines
                    parent={{ table: 'opportunities', id: deal.id }}
                    currency={deal.currency}
                    editable={may('sales') && deal.closed_at === null}
                  />
                  <DealParts deal={deal} />
                </>
              }
              side={
                <>
                  <Holds opportunityId={deal.id} />
                  <RecordFacts entity={opportunities} record={deal} without={['name', 'stage', 'amount']} />
                  <Notes entityType="opportunity" entityId={deal.id} />
                </>
              }
            />
          ),
        },
        { key: 'messages', content: (deal) => <Messages link="opportunity_id" id={deal.id} /> },
        { key: 'history', content: (deal) => <History kind="opportunities" record={deal} /> },
      ]}
    />
  );
}

function DealParts({ deal }: { deal: RecordOf<'opportunities'> }) {
  const filters = useMemo((): Filter[] => [['opportunity_id', 'eq', deal.id]], [deal.id]);
  const presets = useMemo(() => ({ opportunity_id: deal.id }), [deal.id]);
  return (
    <>
      <RelatedRecords entity={eventDates} filters={filters} presets={presets} />
      <RelatedRecords
        entity={quotes}
        filters={filters}
        canAdd={false}
        fields={['quote_number', 'status', 'total', 'valid_until']}
      />
    </>
  );
}

function OpportunityActions({ deal }: { deal: RecordOf<'opportunities'> }) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const { settings } = useSettings();
  const save = useSaveRecord('opportunities');
  const { makeQuote, isPending } = useMakeQuote();
  const [converting, { open, close }] = useDisclosure();
  const whenSaved = useWhenSaved(`opportunities:${deal.id}`);
  if (deal.converted_event_id) {
    return <ButtonTo to={`/events/${deal.converted_event_id}`}>{t('opportunity.toEvent')}</ButtonTo>;
  }
  if (!may('sales')) return null;
  return (
    <Group gap="xs">
      <Select
        aria-label={t('field.stage')}
        value={deal.stage}
        w={160}
        data={settings.pipeline.stages.map(({ key, name }) => ({ value: key, label: name }))}
        onChange={(stage) => stage && save.mutate({ id: deal.id, changes: { stage } })}
      />
      <Button
        variant="default"
        loading={isPending}
        onClick={() =>
          void whenSaved(() => makeQuote(deal, (id) => void navigate({ to: `/quotes/${id}` as '/' })))
        }
      >
        {t('opportunity.quote')}
      </Button>
      <Button onClick={() => void whenSaved(open)}>{t('opportunity.convert')}</Button>
      <ConvertOpportunity deal={deal} opened={converting} onClose={close} />
    </Group>
  );
}
