import { Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { CalendarSearch, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../hooks/session/roles';
import { PageHeader } from '../../ui/PageHeader';
import { useNewKey } from '../../ui/use-new-key';
import { CanWeTakeIt } from '../availability/CanWeTakeIt';
import { opportunities } from '../entities/clients';
import { RecordDrawer } from '../records/RecordDrawer';
import { SampleNotice } from '../setup/SampleNotice';
import { Board } from './Board';

export function PipelineScreen() {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const [adding, adder] = useDisclosure();
  const [checkOpen, check] = useDisclosure();
  useNewKey(may('sales') ? adder.open : undefined);
  return (
    <>
      <PageHeader
        title={t('nav.pipeline')}
        actions={
          may('sales') && (
            <Group gap="xs">
              <Button variant="default" leftSection={<CalendarSearch size={16} />} onClick={check.open}>
                {t('availability.ask')}
              </Button>
              <Button leftSection={<Plus size={16} />} onClick={adder.open}>
                {t('list.new')}
              </Button>
            </Group>
          )
        }
      />
      <SampleNotice />
      <Board />
      <RecordDrawer
        entity={opportunities}
        opened={adding}
        onClose={adder.close}
        onSaved={(deal) => void navigate({ to: `/opportunities/${deal.id}` as '/' })}
      />
      <CanWeTakeIt opened={checkOpen} onClose={check.close} />
    </>
  );
}
