import CPlatform

/// The bytes of a model file: a private read-only mapping, or memory of our own. Never changes after `init`.
public final class ModelBytes: Sendable {}
