export { formatMoney } from '../money';
export { type Booking, bookPayment, reconcile } from './book';
export { type RecordedPayment, recordPayment, refundPayment } from './by-hand';
export { type HowToPay, howToPay } from './how-to-pay';
export { paymentProvider, testProvider } from './of-tenant';
export { type Checkout, PaymentError, type PaymentProvider, type PaymentReport } from './provider';
export { createStripeProvider, STRIPE_EVENTS } from './stripe';
export { createTestProvider } from './test-provider';
