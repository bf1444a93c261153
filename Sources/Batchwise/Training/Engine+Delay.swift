import CKernels

// Late gradients: passes read the parameters of an older version, and the step changes the newest. See Asynchronous.

extension Engine {
    /// Chooses the parameters that the passes of an update read: those that are trained, or a version of before.
    func readVersion(of next: NextUpdate) {
        current.pointee.version = next.number - 1
        if next.delay > 0, let versions = trained.versions {
            current.pointee.read = versions[next.number - 1 - next.delay]
        } else {
            current.pointee.read = .init(parameters: trained.parameters, mirrors: trained.mirrors)
        }
    }

    /// Keeps the slices of a thread as they are before the update, for later gradients; among several processes, each
    /// keeps all. No thread changes a parameter before all have joined the rows of their examples.
    func keepVersion(_ thread: Int) {
        guard rules.mostDelay > 0, current.pointee.gradientTarget == nil, let versions = trained.versions else {
            return
        }
        let version = versions[current.pointee.version]
        for index in slicesOfProcess(thread) {
            let slice = workspace.slices[index]
            (version.parameters + slice.offset).update(from: trained.parameters + slice.offset, count: slice.count)
            if slice.mirror != BW_NONE { bw_flip(&workspace.slices[index], version.parameters, version.mirrors) }
        }
    }

    /// Flips the weights of convolutions in all versions, after they have been written.
    func flipMirrorsOfVersions() {
        guard let versions = trained.versions else { return }
        for slice in workspace.slices where slice.mirror != BW_NONE {
            for number in 0...versions.most {
                let version = versions[number]
                withUnsafePointer(to: slice) { bw_flip($0, version.parameters, version.mirrors) }
            }
        }
    }
}
