import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useMay } from '../../hooks/session/roles';
import { ButtonTo } from '../../ui/LinkTo';
import { PageColumns } from '../../ui/PageColumns';
import { leads } from '../entities/clients';
import type { RecordOf } from '../records/entity';
import { LeadDay } from '../records/fields/DayState';
import { RecordFacts } from '../records/RecordFacts';
import { RecordPage } from '../records/RecordPage';
import { History } from '../timeline/History';
import { Messages } from '../timeline/Messages';
import { Notes } from '../timeline/Notes';
import { ConvertLead } from './ConvertLead';

export function LeadScreen() {
  const format = useFormat();
  return (
    <RecordPage<RecordOf<'leads'>>
      entity={leads}
      subtitle={(lead) =>
        lead.event_date && (
          <>
            {format.day(lead.event_date)} · {format.fromToday(lead.event_date)}{' '}
            <LeadDay day={lead.event_date} />
          </>
        )
      }
      actions={(lead) => <Convert lead={lead} />}
      tabs={[
        {
          key: 'overview',
          content: (lead) => (
            <PageColumns
              main={<RecordFacts entity={leads} record={lead} without={['status']} />}
              side={<Notes entityType="lead" entityId={lead.id} />}
            />
          ),
        },
        { key: 'messages', content: (lead) => <Messages link="lead_id" id={lead.id} /> },
        { key: 'history', content: (lead) => <History kind="leads" record={lead} /> },
      ]}
    />
  );
}

function Convert({ lead }: { lead: RecordOf<'leads'> }) {
  const { t } = useTranslation();
  const may = useMay();
  const [opened, { open, close }] = useDisclosure();
  if (lead.converted_opportunity_id) {
    return (
      <ButtonTo to={`/opportunities/${lead.converted_opportunity_id}`}>{t('lead.toOpportunity')}</ButtonTo>
    );
  }
  if (!may('sales') || lead.status === 'converted') return null;
  return (
    <>
      <Button onClick={open}>{t('lead.convert')}</Button>
      <ConvertLead lead={lead} opened={opened} onClose={close} />
    </>
  );
}
