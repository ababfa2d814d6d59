export { type Booking, bookPayment, reconcile } from './book';
export { type RecordedPayment, recordPayment } from './manual-payments';
export { type PaymentInstructions, readPaymentInstructions } from './payment-instructions';
export { type Checkout, PaymentError, type PaymentProvider, type PaymentReport } from './provider';
export { refundPayment } from './refunds';
export { createStripeProvider } from './stripe';
export { STRIPE_EVENTS } from './stripe-webhook';
export { paymentProvider, testProvider } from './tenant-provider';
export { createTestProvider } from './test-provider';
