import Batchwise
import Testing

@testable import BatchwiseExperiments

/// The noise scale along a training against measurements after trainings of their own.
@Suite struct NoiseCourseTests {
    @Test func everyPointIsAMeasurementAfterATraining() throws {
        let problem = SoftmaxCase(examples: 600, seed: 2)
        var recipe = try problem.subject(batch: 20).recipe
        recipe.epochs = 3
        recipe.learningRate = .constant(0.2).decay(.linear)
        let subject = try Subject(recipe, data: problem.data)
        let course = try NoiseCourse(subject, every: .updates(40), updates: 30)
        #expect(course.points.map(\.place.updates) == [0, 40, 80, 90])
        #expect(course.points.map(\.place.examples) == [0, 800, 1600, 1800] && course.points[3].place.epochs == 3)
        for point in course.points {
            let there = try point.place.updates == 0 ? subject : subject.trained(for: .updates(point.place.updates))
            let measured = try NoiseScaleMeasurement(there, updates: 30)
            #expect(point.noise == measured.noise.estimate && point.loss == measured.loss.mean)
            #expect(point.noise.updates == 30)
        }
        // the rate is that of the next update
        #expect(course.points[0].place.learningRate > course.points[1].place.learningRate)
        // learning makes the gradient small, and the loss
        #expect(course.points[3].loss < course.points[0].loss)
        #expect(course.points[3].noise.gradientNormSquared < course.points[0].noise.gradientNormSquared)
    }

    @Test func theLossIsTheMeanOfTheBatches() throws {
        let problem = SoftmaxCase(examples: 300, seed: 4)
        let subject = try problem.subject(batch: 30)
        let measured = try NoiseScaleMeasurement(subject, updates: 10)
        let loss = try #require(subject.model).evaluate(subject.data.train).loss
        // ten batches of 30 are the training set
        #expect(abs(measured.loss.mean / loss - 1) < 1e-5 && measured.loss.count == 10)
    }
}
