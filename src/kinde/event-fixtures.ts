// Written by `npm run build` from the files of fixtures/events.
import accessRequestCreated from "../../fixtures/events/access_request.created.json" with { type: "json" };
import customerAgreementCancelled from "../../fixtures/events/customer.agreement_cancelled.json" with { type: "json" };
import customerAgreementCreated from "../../fixtures/events/customer.agreement_created.json" with { type: "json" };
import customerInvoiceOverdue from "../../fixtures/events/customer.invoice_overdue.json" with { type: "json" };
import customerMeterUsageUpdated from "../../fixtures/events/customer.meter_usage_updated.json" with { type: "json" };
import customerPaymentFailed from "../../fixtures/events/customer.payment_failed.json" with { type: "json" };
import customerPaymentSucceeded from "../../fixtures/events/customer.payment_succeeded.json" with { type: "json" };
import customerPlanAssigned from "../../fixtures/events/customer.plan_assigned.json" with { type: "json" };
import customerPlanChanged from "../../fixtures/events/customer.plan_changed.json" with { type: "json" };
import customerPlanCreated from "../../fixtures/events/customer.plan_created.json" with { type: "json" };
import organizationCreated from "../../fixtures/events/organization.created.json" with { type: "json" };
import organizationDeleted from "../../fixtures/events/organization.deleted.json" with { type: "json" };
import organizationUpdated from "../../fixtures/events/organization.updated.json" with { type: "json" };
import passkeyAdded from "../../fixtures/events/passkey.added.json" with { type: "json" };
import passkeyRemoved from "../../fixtures/events/passkey.removed.json" with { type: "json" };
import permissionCreated from "../../fixtures/events/permission.created.json" with { type: "json" };
import permissionDeleted from "../../fixtures/events/permission.deleted.json" with { type: "json" };
import permissionUpdated from "../../fixtures/events/permission.updated.json" with { type: "json" };
import roleCreated from "../../fixtures/events/role.created.json" with { type: "json" };
import roleDeleted from "../../fixtures/events/role.deleted.json" with { type: "json" };
import roleUpdated from "../../fixtures/events/role.updated.json" with { type: "json" };
import subscriberCreated from "../../fixtures/events/subscriber.created.json" with { type: "json" };
import userAuthenticated from "../../fixtures/events/user.authenticated.json" with { type: "json" };
import userAuthenticationFailed from "../../fixtures/events/user.authentication_failed.json" with { type: "json" };
import userCreated from "../../fixtures/events/user.created.json" with { type: "json" };
import userDeleted from "../../fixtures/events/user.deleted.json" with { type: "json" };
import userUpdated from "../../fixtures/events/user.updated.json" with { type: "json" };
import type { EventDataByType } from "./event-data.ts";

export const eventFixtures: { readonly [Type in keyof EventDataByType]: { readonly data: EventDataByType[Type] } } = {
  "access_request.created": accessRequestCreated,
  "customer.agreement_cancelled": customerAgreementCancelled,
  "customer.agreement_created": customerAgreementCreated,
  "customer.invoice_overdue": customerInvoiceOverdue,
  "customer.meter_usage_updated": customerMeterUsageUpdated,
  "customer.payment_failed": customerPaymentFailed,
  "customer.payment_succeeded": customerPaymentSucceeded,
  "customer.plan_assigned": customerPlanAssigned,
  "customer.plan_changed": customerPlanChanged,
  "customer.plan_created": customerPlanCreated,
  "organization.created": organizationCreated,
  "organization.deleted": organizationDeleted,
  "organization.updated": organizationUpdated,
  "passkey.added": passkeyAdded,
  "passkey.removed": passkeyRemoved,
  "permission.created": permissionCreated,
  "permission.deleted": permissionDeleted,
  "permission.updated": permissionUpdated,
  "role.created": roleCreated,
  "role.deleted": roleDeleted,
  "role.updated": roleUpdated,
  "subscriber.created": subscriberCreated,
  "user.authenticated": userAuthenticated,
  "user.authentication_failed": userAuthenticationFailed,
  "user.created": userCreated,
  "user.deleted": userDeleted,
  "user.updated": userUpdated,
};
