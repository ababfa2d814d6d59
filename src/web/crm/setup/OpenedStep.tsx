import { useNavigate } from '@tanstack/react-router';
import type { SetupStep } from '../../hooks/company/setup';
import { leads } from '../entities/clients';
import { RecordDrawer } from '../records/RecordDrawer';
import { AddPerson } from '../settings/PeopleSettings';
import { BoothStep } from './BoothStep';
import { CompanyStep } from './CompanyStep';
import { PaymentStep } from './PaymentStep';
import { TaxStep } from './TaxStep';
import { TextsStep } from './TextsStep';

/** What the button of a step opens. */
export function OpenedStep({ step, onClose }: { step: SetupStep; onClose: () => void }) {
  const navigate = useNavigate();
  switch (step) {
    case 'company':
      return <CompanyStep onClose={onClose} />;
    case 'booth':
      return <BoothStep onClose={onClose} />;
    case 'tax':
      return <TaxStep onClose={onClose} />;
    case 'texts':
      return <TextsStep onClose={onClose} />;
    case 'payment':
      return <PaymentStep onClose={onClose} />;
    case 'people':
      return <AddPerson opened onClose={onClose} />;
    case 'quote':
      return (
        <RecordDrawer
          entity={leads}
          opened
          onClose={onClose}
          onSaved={({ id }) => void navigate({ to: `/leads/${id}` as '/' })}
        />
      );
  }
}
