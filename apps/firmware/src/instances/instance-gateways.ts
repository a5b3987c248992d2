import type { Gateway, GatewayRequest } from "@sof-ts/module-api";

/**
 * The gateways of one module instance, as its heap: what it does not give back itself goes back when it ends.
 * Calling context: the threads that make and free the instance.
 */
export class InstanceGateways {
  private readonly opened = new Map<Gateway, () => void>();
  private readonly request: (request: GatewayRequest) => Gateway | number;

  /** @param request opens a gateway of the machine */
  constructor(request: (request: GatewayRequest) => Gateway | number) {
    this.request = request;
  }

  /** @returns the gateway, or a negative errno */
  open(request: GatewayRequest): Gateway | number {
    const gateway = this.request(request);
    if (typeof gateway === "number") return gateway;
    this.opened.set(gateway, gateway.free.bind(gateway));
    gateway.free = () => this.free(gateway);
    return gateway;
  }

  freeAll(): void {
    for (const gateway of this.opened.keys()) this.free(gateway);
  }

  private free(gateway: Gateway): void {
    const give = this.opened.get(gateway);
    this.opened.delete(gateway);
    give?.();
  }
}
